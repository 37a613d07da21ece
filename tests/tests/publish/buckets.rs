//! The real program publishes a city on paper to a bucket that speaks S3.

use std::process::Output;

use veche_auditor::Options;
use veche_auditor::source::http::HttpSource;
use veche_protocol::audit::Verdict;
use veche_tests::programs::Programs;

use crate::bucket::Bucket;
use crate::kept::assert_complete;
use crate::shown_city::{Files, ShownCity, poll};

/// Runs `veched publish` with what it has to know of the bucket.
fn publish(town: &ShownCity, bucket: &Bucket, to: &str) -> Output {
    publish_with(town, bucket, to, &[])
}

/// The same with more of it.
fn publish_with(town: &ShownCity, bucket: &Bucket, to: &str, more: &[(&str, &str)]) -> Output {
    let programs = Programs::beside_this().unwrap();
    let mut command = programs.command("veched");
    command
        .args(["publish", "--once", "--from", &town.url(), "--to", to])
        .env("AWS_ENDPOINT", bucket.endpoint())
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "publisher")
        .env("AWS_SECRET_ACCESS_KEY", "not very secret")
        .envs(more.iter().copied());
    command.output().unwrap()
}

fn published(town: &ShownCity, bucket: &Bucket, to: &str) -> String {
    let output = publish(town, bucket, to);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let lines = said.lines().filter(|line| !line.contains("backing off"));
    assert_eq!(lines.count(), 1, "one line for a round: {said}");
    assert!(!said.contains("secret"), "{said}");
    said
}

fn files(bucket: &Bucket, prefix: &str) -> Files {
    let objects = bucket.objects().into_iter();
    let below = objects
        .filter_map(|(name, object)| Some((name.strip_prefix(prefix)?.to_owned(), object.bytes)));
    below.collect()
}

#[test]
fn a_bucket_gets_what_is_new_and_nothing_else() {
    let mut town = ShownCity::with_entries(300);
    let bucket = Bucket::open();
    let said = published(&town, &bucket, "s3://city-files/below/here");
    // Poll: 2 tiles and 1 above them, 2 bundles; the register: 2; and their heads.
    assert!(said.contains("files=7") && said.contains("heads=2"), "{said}");
    assert_eq!(bucket.puts(), 9);
    assert_eq!(files(&bucket, "below/here/"), town.city.files());
    town.grow();
    let said = published(&town, &bucket, "s3://city-files/below/here");
    // Poll: 2 tiles and 1 above, 2 bundles; the second poll and the register: 2 each; 3 heads.
    assert!(said.contains("files=9") && said.contains("heads=3"), "{said}");
    assert_eq!(bucket.puts(), 12);
    assert_complete(&files(&bucket, "below/here/"), &town.city);
    // PUBLISH-25: the partial files of the tile and bundle that are full now.
    let said = published(&town, &bucket, "s3://city-files/below/here");
    assert!(said.contains("removed=2") && bucket.puts() == 0, "{said}");
    assert_complete(&files(&bucket, "below/here/"), &town.city);
}

#[test]
fn files_have_the_labels_that_the_server_gives_them() {
    let town = ShownCity::with_entries(5);
    let bucket = Bucket::open();
    published(&town, &bucket, "s3://city-files");
    for (name, object) in bucket.objects() {
        // PUBLISH-26, API-1
        let (kind, caching) = if name.ends_with("/checkpoint") {
            ("text/plain; charset=utf-8", "no-cache")
        } else {
            ("application/octet-stream", "public, max-age=31536000, immutable")
        };
        assert_eq!((&*object.content_type, &*object.cache_control), (kind, caching), "{name}");
    }
}

#[test]
fn what_fails_for_a_while_is_asked_for_again() {
    let town = ShownCity::with_entries(600);
    let bucket = Bucket::open();
    bucket.fail_each(4);
    // PUBLISH-27
    published(&town, &bucket, "s3://city-files");
    assert_complete(&files(&bucket, ""), &town.city);
}

#[test]
fn a_bucket_that_cannot_compare_is_looked_at_before_it_is_written_to() {
    let mut town = ShownCity::with_entries(300);
    let bucket = Bucket::open();
    let disabled = [("AWS_CONDITIONAL_PUT", "disabled")];
    let to = "s3://city-files";
    let publish = |town: &ShownCity| publish_with(town, &bucket, to, &disabled);
    assert!(publish(&town).status.success());
    assert_eq!(files(&bucket, ""), town.city.files());
    town.grow();
    assert!(publish(&town).status.success());
    assert_complete(&files(&bucket, ""), &town.city);
    town.append(&poll(), 400);
    town.show();
    bucket.place("poll/park/tile/0/003", b"something else");
    let output = publish(&town);
    let said = String::from_utf8(output.stderr).unwrap();
    // PUBLISH-23
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("poll/park/tile/0/003 holds something else"), "{said}");
    assert_eq!(files(&bucket, "")["poll/park/tile/0/003"], b"something else");
}

#[test]
fn a_bucket_that_refuses_ends_the_round() {
    let town = ShownCity::with_entries(5);
    let bucket = Bucket::open();
    for (to, words) in [
        ("s3://another-bucket", "another-bucket"),
        ("s3://", "no bucket without a name"),
        ("ftp://city-files", "neither a directory nor s3://"),
    ] {
        let output = publish(&town, &bucket, to);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(words) || to == "s3://another-bucket", "{said}");
    }
    assert!(bucket.objects().is_empty());
    // Without leave to do so nothing goes over a line that anyone can read.
    let programs = Programs::beside_this().unwrap();
    let mut command = programs.command("veched");
    command
        .args(["publish", "--from", &town.url(), "--to", "s3://city-files"])
        .env("AWS_ENDPOINT", bucket.endpoint())
        .env("AWS_ACCESS_KEY_ID", "publisher")
        .env("AWS_SECRET_ACCESS_KEY", "not very secret");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(bucket.objects().is_empty());
}

#[test]
fn an_observer_recounts_from_the_bucket() {
    let city = crate::live::certified_on_paper();
    let mut town = ShownCity::with_entries(1);
    town.city = city;
    town.show();
    let bucket = Bucket::open();
    published(&town, &bucket, "s3://city-files");
    let source = HttpSource::new(&bucket.url());
    let mut options = Options::new(poll());
    options.trust.instance = Some(town.city.instance);
    let recount = veche_auditor::recount(&source, &options, &|_, _, _| ()).unwrap();
    assert_eq!(recount.verdict(), Verdict::Sound, "{:?}", recount.findings);
}
