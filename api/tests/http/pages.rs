//! The two pages for people: what they say, and that what people have written is never markup.
//!
//! Not here: how they look.

use veche_api::Config;
use veche_protocol::poll::definition::Revote;

use crate::city::{CLOSES_AT, City, OFFICERS, definition, poll};
use crate::client::Answer;

#[track_caller]
fn check_headers(answer: &Answer) {
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("script"), "{policy}");
    assert!(!answer.text().contains("<script"));
}

#[test]
fn the_first_page_names_city_polls_and_logs() {
    let mut config = Config::default();
    config.server.public_url = Some("https://vote.example.org/".to_owned());
    let city = City::with_open_poll(&config, 5, Revote::First);
    city.submit(&poll(), &city.ballot(0, 0, 1));
    let answer = city.client().get("/").ok();
    check_headers(&answer);
    let page = answer.text();
    // What people have written is text, and never markup.
    assert!(page.contains("Test &lt;City&gt;") && !page.contains("<City>"));
    for text in [
        "href=\"/polls/park\"",
        "The park",
        "1 of 5 have voted",
        "/poll/park/checkpoint",
        "veche-audit recount https://vote.example.org --poll",
        &city.engine.instance().to_string(),
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn the_page_of_a_poll_from_announcement_to_result() {
    let city = City::start(&Config::default());
    city.enrol(5);
    let mut definition = definition(Revote::Last { max_turn: 1 });
    definition.questions[0].options[0].label = "oaks & <elms>".to_owned();
    city.submit(&poll(), &city.announcement(definition));
    let page = |contains: &[&str], lacks: &[&str]| {
        let answer = city.client().get("/polls/park").ok();
        check_headers(&answer);
        for text in contains {
            assert!(answer.text().contains(text), "{text} in {}", answer.text());
        }
        for text in lacks {
            assert!(!answer.text().contains(text), "{text} in {}", answer.text());
        }
    };
    let option = "oaks &amp; &lt;elms&gt;";
    page(&["Opens ", "What to plant?", option, "One option;", "1/4"], &["Votes", "have voted"]);
    city.clock.set(crate::city::OPENS_AT);
    city.submit(&poll(), &city.opening());
    city.submit(&poll(), &city.ballot(0, 0, 1));
    city.submit(&poll(), &city.ballot(1, 0, 1));
    // API-7: nothing is counted before the close.
    page(&["Closes ", "2 of 5 have voted", "last ballot"], &["Votes", "selected"]);
    city.clock.set(CLOSES_AT);
    city.submit(&poll(), &city.closing(&OFFICERS));
    page(&["Closed, not yet certified", "Votes", "<strong>selected</strong>"], &["quorum asks"]);
    city.submit(&poll(), &city.certificate());
    page(&["Certified", option, "--poll park", "/poll/park/checkpoint"], &["not yet"]);
    assert_eq!(city.client().get("/polls/nowhere").code(), "unknown-log");
    assert_eq!(city.client().get("/polls/Park").code(), "bad-request");
}
