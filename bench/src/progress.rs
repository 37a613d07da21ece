//! How far a measurement is: a bar on a terminal, silence in a pipe.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that goes away when it is dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar of so many steps.
    pub fn new(what: &str, steps: usize) -> Self {
        // Hidden by itself where standard error is no terminal.
        let target = ProgressDrawTarget::stderr();
        let bar = ProgressBar::with_draw_target(Some(steps as u64), target);
        let style = ProgressStyle::with_template("{msg:44} {bar:30} {human_pos}/{human_len}");
        bar.set_style(style.expect("the template is well formed"));
        bar.set_message(what.to_owned());
        Self(bar)
    }

    /// So many steps more are done.
    pub fn advance(&self, steps: usize) {
        self.0.inc(steps as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
