//! How a source looks: its head, the length of the file and of its functions, the width of lines.
//!
//! Not here: layout, which is rustfmt's.

use proc_macro2::Span;
use syn::{
    ImplItemFn, ItemFn, TraitItemFn,
    visit::{self, Visit},
};

use crate::source::{self, Fault, Source};

/// Past this a file holds two nouns.
const FILE_LINES: usize = 500;
/// What one screen shows.
const FUNCTION_LINES: usize = 70;
/// Two files side by side; rustfmt leaves comments, strings and macros wider.
const LINE_WIDTH: usize = 100;
/// A head shorter than this cannot say what the file is.
const HEAD_CHARACTERS: usize = 20;

pub(crate) fn check(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    let head = source.text.lines().next().and_then(|line| line.strip_prefix("//! "));
    if head.is_none_or(|head| head.chars().count() < HEAD_CHARACTERS) {
        faults.push(source.fault(1, "the file does not open with `//!` and what it is"));
    }
    let lines = source.text.lines().count();
    if lines > FILE_LINES {
        faults.push(source.fault(lines, format!("the file is longer than {FILE_LINES} lines")));
    }
    for (line, number) in source.text.lines().zip(1..) {
        if line.chars().count() > LINE_WIDTH {
            faults.push(source.fault(number, format!("wider than {LINE_WIDTH}")));
        }
    }
    let mut functions = Functions::default();
    functions.visit_file(&source.syntax);
    for (name, first, last) in functions.found {
        let lines = last - first + 1;
        if lines > FUNCTION_LINES {
            let what = format!("`{name}` has {lines} lines, {FUNCTION_LINES} fit a screen");
            faults.push(source.fault(first, what));
        }
    }
    faults
}

/// The functions of a file with their first and last line, documentation aside.
#[derive(Default)]
struct Functions {
    found: Vec<(String, usize, usize)>,
}

impl Functions {
    fn note(&mut self, signature: &syn::Signature, end: Span) {
        let first = signature.fn_token.span.start().line;
        self.found.push((signature.ident.to_string(), first, end.end().line));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.note(&function.sig, function.block.brace_token.span.close());
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.note(&function.sig, function.block.brace_token.span.close());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.note(&function.sig, block.brace_token.span.close());
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[test]
fn sources_are_in_shape() {
    let faults: Vec<_> = source::all().iter().flat_map(check).collect();
    source::assert_none(&faults);
}

#[cfg(test)]
mod tests {
    use super::{FILE_LINES, FUNCTION_LINES, LINE_WIDTH, check};
    use crate::source::Source;

    const HEAD: &str = "//! A file that is here to be checked.\n";

    fn faults(text: &str) -> Vec<String> {
        let source = Source::parse("engine/src/a.rs", text);
        check(&source).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_in_shape_passes() {
        let body = "    let _ = 0;\n".repeat(FUNCTION_LINES - 2);
        assert_eq!(faults(&format!("{HEAD}fn a() {{\n{body}}}\n")), [""; 0]);
    }

    #[test]
    fn a_head_is_asked_for() {
        for text in ["fn a() {}\n", "// A comment that is not a head\n", "//! a\n", ""] {
            assert_eq!(faults(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_long_function_is_found_wherever_it_stands() {
        let function = format!("fn a() {{\n{}}}\n", "    let _ = 0;\n".repeat(FUNCTION_LINES - 1));
        for (before, after) in [("", ""), ("impl B {\n", "}\n"), ("trait C {\n", "}\n")] {
            let faults = faults(&format!("{HEAD}{before}{function}{after}"));
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].contains("`a` has 71 lines"), "{faults:?}");
        }
        let inside = format!("{HEAD}fn outer() {{ struct S; impl S {{\n{function}}} }}\n");
        assert_eq!(faults(&inside).len(), 2);
    }

    #[test]
    fn a_long_file_and_a_wide_line_are_found() {
        let long = format!("{HEAD}{}", "\n".repeat(FILE_LINES));
        assert!(faults(&long)[0].contains("longer than"));
        let wide = format!("{HEAD}// {}\n", "\u{e9}".repeat(LINE_WIDTH - 3));
        assert!(faults(&wide).is_empty(), "characters are counted, not bytes");
        assert!(faults(&wide.replace("// ", "// x"))[0].contains(":2: wider than"));
    }
}
