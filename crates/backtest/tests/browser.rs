//! The page in a real browser: on a desktop and on phones, in light and dark, on paper.
#![allow(clippy::unwrap_used, reason = "tests")]

mod report_sample;
mod webdriver;

use std::path::PathBuf;

use backtest::report::html;
use tempfile::TempDir;

use report_sample::{HOUR, MINUTE, Sample, money, quiet, walk};
use webdriver::Browser;

const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (375, 800);
const SMALL: (u32, u32) = (360, 640);

/// Says what is wrong with the page that is shown. Everything that is folded away is opened.
///
/// Contrast is that of WCAG 2.2 AA for text of any size, 4.5 to 1, against the colours of the elements around it.
const PROBLEMS: &str = r#"
for (const details of document.querySelectorAll("details")) details.open = true;
const root = document.documentElement, problems = [];
if (root.scrollWidth > root.clientWidth) problems.push(`the page is ${root.scrollWidth} wide, of ${root.clientWidth}`);
const name = e => e.tagName.toLowerCase() + (e.getAttribute("class") ? "." + e.getAttribute("class") : "");
const scrolls = e => e && (["auto", "scroll"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
for (const e of document.body.querySelectorAll("*")) {
  const box = e.getBoundingClientRect();
  if (box.width === 0 || scrolls(e.parentElement)) continue;
  if (box.right > root.clientWidth + 0.5 || box.left < -0.5) problems.push(`${name(e)} sticks out: ${box.left} to ${box.right}`);
}
for (const svg of document.querySelectorAll("svg:not(svg svg)")) {
  const box = svg.getBoundingClientRect();
  if (!(box.width > 20 && box.height > 20)) problems.push(`${name(svg)} is ${box.width} by ${box.height}`);
}
const colour = text => { const [r, g, b, a] = text.match(/[\d.]+/g).map(Number); return [r, g, b, a ?? 1]; };
const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
const behind = e => {
  const own = colour(getComputedStyle(e).backgroundColor);
  const under = e === document.body ? [255, 255, 255, 1] : own[3] === 1 ? own : behind(e.parentElement);
  return over(own, under);
};
const light = rgb => {
  const [r, g, b] = rgb.slice(0, 3).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let read = 0;
while (texts.nextNode()) {
  const e = texts.currentNode.parentElement, style = getComputedStyle(e);
  if (!texts.currentNode.data.trim() || e.getBoundingClientRect().width === 0 || e.tagName === "title") continue;
  const paper = behind(e), ink = over(colour(e.closest("svg") ? style.fill : style.color), paper);
  const [low, high] = [light(paper), light(ink)].sort((a, b) => a - b);
  const contrast = (high + 0.05) / (low + 0.05);
  if (contrast < 4.5) problems.push(`contrast ${contrast.toFixed(2)} in ${name(e)}: ${texts.currentNode.data.trim()}`);
  read += 1;
}
if (read === 0) problems.push("there is nothing to read");
// What is read from files is not among the entries: whatever could load is looked at as well.
for (const entry of performance.getEntriesByType("resource")) problems.push(`loaded ${entry.name}`);
for (const e of document.querySelectorAll("[src], [srcset], [data], [href]")) {
  const target = ["src", "srcset", "data", "href"].map(name => e.getAttribute(name)).find(value => value !== null);
  if (!/^(#|data:)/.test(target)) problems.push(`${name(e)} refers to ${target}`);
}
for (const sheet of document.styleSheets) if (sheet.href) problems.push(`styled by ${sheet.href}`);
return problems;
"#;

const BACKGROUND: &str = "return getComputedStyle(document.body).backgroundColor";

/// Everything that is wrong with the page that is shown, and with what it wrote to the console.
fn problems(browser: &Browser) -> Vec<String> {
    let found = browser.run(PROBLEMS);
    let found = found.as_array().unwrap().iter().map(|problem| problem.as_str().unwrap().to_owned());
    let is_bad = |level: &str| matches!(level, "WARNING" | "SEVERE");
    let console = browser.console().into_iter().filter(|(level, _)| is_bad(level));
    found.chain(console.map(|(level, text)| format!("{level}: {text}"))).collect()
}

struct Pages {
    folder: TempDir,
}

impl Pages {
    fn write(&self, name: &str, page: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, page).unwrap();
        path
    }
}

/// A browser and a folder for pages; none where no browser is installed, which CI does not accept.
fn start() -> Option<(Browser, Pages)> {
    if !webdriver::is_installed() {
        let needed = "chromium and chromedriver (Debian's packages chromium and chromium-driver)";
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "install {needed}");
        eprintln!("the browser test is left out: it needs {needed}");
        return None;
    }
    Some((Browser::start(), Pages { folder: TempDir::new().unwrap() }))
}

#[test]
fn the_page_in_a_browser() {
    let Some((browser, pages)) = start() else { return };
    let minutes = Sample::new(walk(MINUTE, 20_000));
    let whole = pages.write("minutes.html", &html(&minutes.full("BTCUSDT, model-driven & more")));
    let mut colours = Vec::new();
    for size in [DESKTOP, PHONE] {
        for theme in ["light", "dark"] {
            browser.look(size, theme, "screen");
            browser.open(&whole);
            assert_eq!(problems(&browser), Vec::<String>::new(), "{size:?} {theme}");
            assert_eq!(browser.title(), "BTCUSDT, model-driven & more");
            colours.push(browser.run(BACKGROUND).to_string());
        }
    }
    assert_eq!((&colours[0], &colours[1]), (&colours[2], &colours[3]));
    assert_ne!(colours[0], colours[1], "light and dark");

    browser.look(DESKTOP, "dark", "print");
    browser.open(&whole);
    assert_eq!(problems(&browser), Vec::<String>::new(), "on paper");
    assert_eq!(browser.run(BACKGROUND).to_string(), colours[0], "paper is light");

    for (name, page) in odd_pages() {
        let path = pages.write(name, &page);
        for (size, theme) in [(SMALL, "dark"), (DESKTOP, "light")] {
            browser.look(size, theme, "screen");
            browser.open(&path);
            assert_eq!(problems(&browser), Vec::<String>::new(), "{name} {size:?}");
        }
    }
}

/// Pages of runs that have more or less to show than usual.
fn odd_pages() -> Vec<(&'static str, String)> {
    let hours = Sample::new(walk(HOUR, 20_000));
    let empty = Sample::new(quiet(MINUTE, &[]));
    let one = Sample::new(quiet(MINUTE, &[(600_000, "10000")]));
    let below = Sample::new(quiet(HOUR, &[(600_000, "10000"), (-600_000, "-500"), (0, "0")]));
    let mut large =
        quiet(HOUR, &[(9_007_199_254_740_992, "160000000000000000000"), (1, "-160000000000000000000")]);
    large.start = money("150000000000000000000");
    let large = Sample::new(large);
    let long = "a_name_that_goes_on_without_a_place_to_break_it_".repeat(6).replace('_', "x");
    let mut wordy = hours.full(&long);
    wordy.made = &long;
    wordy.warnings = vec![long.clone()];
    wordy.identity = vec![(&long, vec![(long.clone(), long.clone())])];
    for model in &mut wordy.models {
        (model.model, model.label) = (long.clone(), long.clone());
        model.importance.iter_mut().for_each(|(name, _)| name.push_str(&long));
        model.features.iter_mut().for_each(|feature| feature.name.push_str(&long));
        model.metrics.push((long.clone(), long.clone(), 1.0));
    }
    vec![
        ("hours.html", html(&hours.full("hours"))),
        ("wordy.html", html(&wordy)),
        ("empty.html", html(&empty.bare("empty"))),
        ("one.html", html(&one.bare("one"))),
        ("below.html", html(&below.bare("below"))),
        ("large.html", html(&large.bare("large"))),
    ]
}

/// A page with nothing wrong but, perhaps, that.
fn small_page(body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><meta name=\"viewport\" content=\"width=device-width\"><title>a</title><body \
         style=\"background:#fff\"><p>text</p>{body}</body></html>"
    )
}

/// The same checks find what is wrong on purpose.
#[test]
fn what_is_wrong_is_found() {
    let Some((browser, pages)) = start() else { return };
    browser.look(PHONE, "light", "screen");
    let of_page = |name: &str, body: &str| {
        browser.open(&pages.write(name, &small_page(body)));
        problems(&browser)
    };
    let finds = |name: &str, body: &str, expected: &str| {
        let found = of_page(name, body);
        assert!(found.iter().any(|problem| problem.contains(expected)), "{name}: {found:?}");
    };
    assert_eq!(of_page("good.html", ""), Vec::<String>::new());
    finds("wide.html", "<div style=\"width:2000px\">wide</div>", "the page is");
    finds("out.html", "<div style=\"position:absolute;left:-50px\">out</div>", "div sticks out: -50");
    finds(
        "hidden.html",
        "<div style=\"overflow:hidden\"><p style=\"width:900px\">cut off</p></div>",
        "p sticks out",
    );
    finds("folded.html", "<details><p style=\"width:900px\">folded</p></details>", "p sticks out");
    finds("error.html", "<script>console.error(\"a fault\")</script>", "SEVERE");
    finds("warning.html", "<script>console.warn(\"a doubt\")</script>", "WARNING");
    finds("thrown.html", "<script>nothing.at.all()</script>", "SEVERE");
    finds("file.html", "<img src=\"missing.png\" alt=\"\">", "img refers to missing.png");
    // Nothing listens there.
    finds("loads.html", "<img src=\"http://127.0.0.1:9/a.png\" alt=\"\">", "loaded http://127.0.0.1:9/a.png");
    finds("styled.html", "<link rel=\"stylesheet\" href=\"good.html\">", "link refers to good.html");
    finds("pale.html", "<p style=\"color:#999\">pale</p>", "contrast 2.85 in p: pale");
    finds("none.html", "<svg width=\"100\" height=\"0\"><path d=\"M0 0L9 9\"/></svg>", "svg is 100 by 0");
    // Inside of what scrolls, width is no fault.
    let scrolled = "<div style=\"overflow-x:auto\"><p style=\"width:900px\">scrolled</p></div>";
    assert_eq!(of_page("scrolled.html", scrolled), Vec::<String>::new());
}
