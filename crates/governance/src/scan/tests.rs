//! What is seen in sources, and what is passed over.

use std::path::Path;

use proptest::prelude::*;

use super::*;

fn scan(source: &str) -> Scan {
    Scan::of(Path::new("x.rs"), source).unwrap()
}

fn numbered(found: &[(usize, &str)]) -> Vec<(usize, String)> {
    found.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
}

#[test]
fn comments_documentation_and_strings_are_not_code() {
    let source = "#!/usr/bin/env run\n//! unsafe a::b\n/// `f64::min`\n/* x.exp() */ const A: &str = \"unsafe a::b\";\n\
                  #[doc = \"a::b\"] const B: u8 = 1;";
    let literals = numbered(&[(4, "unsafe a::b")]);
    assert_eq!(scan(source), Scan { literals, ..Scan::default() });
}

#[test]
fn code_is_found_with_its_line() {
    let found =
        scan("unsafe {}\nmod a;\nmod b { mod r#c; fn unsafe_() {} }\nmacro_rules! m { () => { unsafe {} } }");
    assert_eq!(found.unsafe_lines, [1, 4]);
    assert_eq!(found.modules, ["a", "c"]);
}

#[test]
fn paths_are_whole() {
    let source = "use std::{env, fs::{self, File as F}, io::*};\nuse ::std::time::Instant;\nlet a = <f64>::exp(x);\n\
                  a.fold(x, f64::max);\nstd::env::var(\"A\");\nx.iter().map(r#mod::f::<u8>);\nextern crate std;\nf(a, b);";
    assert_eq!(
        scan(source).paths,
        numbered(&[
            (1, "std::env"),
            (1, "std::fs"),
            (1, "std::fs::File"),
            (1, "std::io::*"),
            (2, "std::time::Instant"),
            (3, "f64::exp"),
            (4, "f64::max"),
            (5, "std::env::var"),
            (6, "mod::f"),
            (7, "std"),
        ])
    );
}

#[test]
fn methods_are_told_from_fields_and_functions() {
    let source = "x.exp();\n1.0.ln();\na.b.exp = libm::exp(a..b.c(0..exp(1)));\nx.sum::<f64>();\nexp(x);";
    assert_eq!(scan(source).methods, numbered(&[(1, "exp"), (2, "ln"), (3, "c"), (4, "sum")]));
}

#[test]
fn names_hidden_behind_others_are_found() {
    let source =
        "use std as s;\nuse core::include_str as text;\nuse std::{env as e, fmt as f};\nlet a = x as f64;";
    assert_eq!(scan(source).renamed, numbered(&[(1, "std"), (2, "core::include_str"), (3, "std::env")]));
}

#[test]
fn attributes_and_conditions_are_read() {
    let source = "#![allow(unsafe_code)]\n#[cfg(all(test, not(any(feature = \"fast\", windows))))]\n\
                  #[cfg_attr(debug_assertions, expect(clippy::all, reason = \"none\"))]\nif cfg!(unix) {}\n#[derive(Debug)] struct S;";
    let found = scan(source);
    assert_eq!(found.allowed_lints, numbered(&[(1, "unsafe_code"), (3, "clippy::all")]));
    assert_eq!(
        found.conditions,
        numbered(&[
            (2, "test"),
            (2, "feature = \"fast\""),
            (2, "windows"),
            (3, "debug_assertions"),
            (4, "unix")
        ])
    );
}

#[test]
fn macros_say_their_first_literal() {
    let call = |line, name: &str, literal: Option<&str>| Macro {
        line,
        name: name.to_owned(),
        literal: literal.map(str::to_owned),
    };
    assert_eq!(
        scan("env!(\"A\", \"why\");\nstd::option_env!(x);\nif a != (b) {}").macros,
        [call(1, "env", Some("A")), call(2, "option_env", None)]
    );
}

#[test]
fn what_is_no_rust_is_an_error() {
    let error = |source: &str| Scan::of(Path::new("x.rs"), source).unwrap_err().to_string();
    assert_eq!(error("fn a() {\n\"\n"), "x.rs: expected Rust, found what is none in line 2");
    assert_eq!(error("fn a() }"), "x.rs: expected Rust, found what is none in line 1");
    let deep = format!("{}{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(error(&deep), "x.rs: expected brackets within brackets up to 200 deep, found more");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        let _ = Scan::of(Path::new("x.rs"), &text);
    }

    #[test]
    fn no_tokens_make_it_panic(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..24)) {
        let _ = Scan::of(Path::new("x.rs"), &tokens.join(" "));
        let _ = Scan::of(Path::new("x.rs"), &tokens.concat());
    }
}

/// What the walk looks for, and what stands around it.
const TOKENS: &[&str] = &[
    "#",
    "!",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "::",
    ":",
    ",",
    ";",
    ".",
    "..",
    "<",
    ">",
    "=",
    "*",
    "$",
    "as",
    "mod",
    "use",
    "unsafe",
    "std",
    "env",
    "f64",
    "x",
    "r#path",
    "path",
    "cfg",
    "cfg_attr",
    "allow",
    "doc",
    "include_str",
    "concat",
    "macro_rules",
    "\"a\\x41\\u{41}\\\n  b\"",
    "r#\"a\"#",
    "b\"a\"",
    "'a'",
    "'a",
    "1.5",
    "// a\n",
    "/* a */",
    "/// a\n",
];
