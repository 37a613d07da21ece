//! The page: one file that stands alone, whatever the texts on the log say.

use std::fs;

use crate::program::{audit, text};
use crate::town::{SOUND, UNSOUND, folder_of};

fn page(city: &veche_tests::city::City) -> String {
    let folder = folder_of(city);
    let page = folder.path().join("page.html");
    let source = text(folder.path());
    let ran = audit(&["recount", source, "--poll", "park", "--report", text(&page)]);
    assert!(ran.code <= 1, "{ran:?}");
    fs::read_to_string(page).unwrap()
}

#[test]
fn the_page_of_a_sound_poll_tells_the_result_in_words_and_bars() {
    let page = page(&SOUND);
    for words in [
        "<h2 id=\"verdict\">Sound</h2>",
        "of 270 eligible: 100.0\u{202f}%",
        "The option with the most votes is selected.",
        "Every check that can be made from the public record was made",
        "The poll is closed and its result was certified.",
    ] {
        assert!(page.contains(words), "{words}");
    }
    // Each bar stands beside its number.
    assert_eq!(page.matches("class=\"track\"").count(), 3 + 3, "options, districts and their sum");
}

#[test]
fn the_page_of_an_unsound_poll_begins_with_what_was_found() {
    let page = page(&UNSOUND);
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} is missing"));
    assert!(place("Not sound: 2 findings") < place("What was found"));
    assert!(place("What was found") < place("The result"));
    assert!(place("voter-unknown") < place("The result"));
    assert!(page.contains("entry 273"));
}

#[test]
fn a_page_stands_alone_and_texts_of_the_log_do_nothing_in_it() {
    for page in [page(&SOUND), page(&UNSOUND)] {
        // AUDIT-9: an option called `A <b>pond</b>`, and one that would turn the line around.
        assert!(page.contains("A &lt;b&gt;pond&lt;/b&gt;") && !page.contains("<b>"));
        assert!(page.contains("⟨U+202E⟩") && !page.contains('\u{202e}'));
        assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'"));
        for loaded in ["src=", "<script", "<link", "url(", "@import", "http-equiv=\"refresh\""] {
            assert!(!page.contains(loaded), "{loaded}");
        }
        // What a reader of screens needs: a language, a title, headings in their order, one way to
        // the middle, and a name for every column.
        assert!(page.contains("<html lang=\"en\">") && page.contains("<title>Recount: The park"));
        assert_eq!(page.matches("<h1>").count(), 1);
        assert!(page.contains("href=\"#main\"") && page.contains("<main id=\"main\">"));
        assert_eq!(page.matches("<table").count(), page.matches("<thead>").count());
    }
}
