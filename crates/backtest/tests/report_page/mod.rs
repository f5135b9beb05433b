//! A reader of the page that is strict where browsers forgive.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::BTreeSet;

/// A tag as it was opened.
#[derive(Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(attribute, _)| attribute == name).map(|(_, value)| value.as_str())
    }
}

/// Elements that have no end.
const VOID: [&str; 4] = ["meta", "link", "wbr", "br"];

/// Elements whose text is not HTML.
const RAW: [&str; 1] = ["style"];

/// Every tag that is opened, in order. Panics where one is not closed, or in another order, or is written loosely.
pub fn tags(page: &str) -> Vec<Tag> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>\n").expect("a doctype");
    let (mut open, mut found): (Vec<String>, Vec<Tag>) = (Vec::new(), Vec::new());
    while let Some(at) = rest.find(['<', '>']) {
        assert!(rest[at..].starts_with('<'), "a > in text: {}", &rest[..at + 1]);
        let end = at + rest[at..].find('>').expect("a tag that ends");
        let inside = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "</{name}> after {found:?}");
            continue;
        }
        let is_closed = inside.ends_with('/');
        let tag = tag(inside.trim_end_matches('/'));
        if RAW.contains(&tag.name.as_str()) {
            let close = format!("</{}>", tag.name);
            rest = rest.split_once(&close).expect("raw text that ends").1;
        } else if !is_closed && !VOID.contains(&tag.name.as_str()) {
            open.push(tag.name.clone());
        }
        found.push(tag);
    }
    assert!(open.is_empty(), "left open: {open:?}");
    assert_eq!(rest, "\n");
    found
}

fn tag(inside: &str) -> Tag {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    assert!(name.bytes().all(|letter| letter.is_ascii_alphanumeric()), "<{inside}>");
    let mut attributes: Vec<(String, String)> = Vec::new();
    while let Some((name, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"').expect("a quoted value");
        assert!(
            name.bytes().all(|letter| letter.is_ascii_lowercase()
                || letter.is_ascii_digit()
                || letter == b'-'
                || letter.is_ascii_uppercase()),
            "<{inside}>"
        );
        assert!(attributes.iter().all(|(before, _)| before != name), "twice {name}: <{inside}>");
        attributes.push((name.to_owned(), value.to_owned()));
        assert!(after.is_empty() || after.starts_with(' '), "<{inside}>");
        rest = after.trim_start();
    }
    assert!(rest.is_empty(), "<{inside}>");
    Tag { name: name.to_owned(), attributes }
}

/// The points of each path of that class.
pub fn paths(page: &str, class: &str) -> Vec<Vec<(f64, f64)>> {
    let of_class = |tag: &Tag| tag.name == "path" && tag.get("class") == Some(class);
    tags(page).iter().filter(|tag| of_class(tag)).map(|tag| path_points(tag.get("d").unwrap())).collect()
}

/// The points of a path of `M`, `L`, `H`, `V` and at the end `Z`.
pub fn path_points(path: &str) -> Vec<(f64, f64)> {
    let number = |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("{text} in {path}"));
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut rest = path;
    while let Some(command) = rest.chars().next() {
        let end = rest[1..].find(['M', 'L', 'H', 'V', 'Z']).map_or(rest.len(), |end| end + 1);
        let last = points.last().copied();
        match (command, &rest[1..end]) {
            ('Z', "") => assert_eq!(end, rest.len(), "Z within {path}"),
            ('H', x) => points.push((number(x), last.unwrap().1)),
            ('V', y) => points.push((last.unwrap().0, number(y))),
            ('M' | 'L', both) => {
                points.push(both.split_once(' ').map(|(x, y)| (number(x), number(y))).unwrap())
            }
            (other, _) => panic!("{other} in {path}"),
        }
        rest = &rest[end..];
    }
    points
}

/// That the page is whole, loads nothing, runs nothing, and shows no number that is none.
pub fn assert_sound(page: &str) {
    for never in [
        "NaN",
        "inf%",
        "\"inf",
        "-inf",
        "−inf",
        "http:",
        "https:",
        "//",
        "<script",
        " src=",
        "@import",
        "url(",
        "javascript:",
    ] {
        assert!(
            !page.contains(never),
            "{never} at {:?}",
            page.find(never)
                .map(|at| &page[at.saturating_sub(80)..])
                .map(|rest| rest.chars().take(160).collect::<String>())
        );
    }
    assert!(page.is_ascii() || page.contains("<meta charset=\"utf-8\">"));
    let tags = tags(page);
    let named = |name: &'static str| tags.iter().filter(move |tag| tag.name == name);
    assert_eq!(named("html").next().unwrap().get("lang"), Some("en"));
    assert_eq!((named("title").count() >= 1, named("h1").count(), named("main").count()), (true, 1, 1));
    assert_headings(&tags);
    let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "an id twice");
    for tag in &tags {
        for name in ["href", "aria-labelledby"] {
            let Some(target) = tag.get(name).map(|target| target.trim_start_matches('#')) else { continue };
            assert!(unique.contains(target) || target == "data:,", "{name} to {target}");
        }
        assert_numbers(tag);
    }
    for svg in named("svg").filter(|svg| svg.get("aria-hidden").is_none()) {
        assert_eq!(svg.get("role"), Some("img"));
        assert!(svg.get("aria-label").is_some_and(|label| !label.is_empty()));
    }
    assert!(named("th").all(|th| matches!(th.get("scope"), Some("row" | "col"))));
    assert_eq!(named("figure").count(), named("figcaption").count());
    assert_eq!(named("table").count(), named("caption").count());
}

/// Headings go down one level at a time.
fn assert_headings(tags: &[Tag]) {
    let mut before = 0;
    for tag in tags.iter().filter(|tag| matches!(tag.name.as_str(), "h1" | "h2" | "h3" | "h4")) {
        let level = tag.name[1..].parse::<u32>().unwrap();
        assert!(level <= before + 1, "h{level} after h{before}");
        before = level;
    }
}

/// Places and lengths are finite numbers of a size that can be drawn.
fn assert_numbers(tag: &Tag) {
    let is_drawn = |text: &str| text.parse::<f64>().is_ok_and(|number| number.abs() < 5000.0);
    for name in ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "dx"] {
        if let Some(value) = tag.get(name) {
            assert!(is_drawn(value.trim_end_matches('%')), "{name}={value} of {tag:?}");
        }
    }
    if let Some(path) = tag.get("d").filter(|_| tag.get("id").is_none()) {
        assert!(path_points(path).iter().all(|(x, y)| x.abs() < 5000.0 && y.abs() < 5000.0), "{path}");
    }
    for length in tag.get("style").into_iter().flat_map(|style| style.split(';')) {
        let number =
            length.split_once(':').map(|(_, number)| number.trim_end_matches('%').trim_end_matches("px"));
        assert!(number.is_none_or(is_drawn), "{length} of {tag:?}");
    }
}
