//! What the code of a version says.

use super::{Ban, problem};
use crate::rules::escapes;
use crate::{Location, Macro, Named, Problem, Scan};

/// Modules of the standard library by which the machine, not the input, would decide a value.
const MACHINE: [&str; 9] = ["arch", "env", "fs", "io", "net", "os", "process", "simd", "thread"];

/// Types that give another value at each run.
const RUN: [&str; 3] = ["Instant", "RandomState", "SystemTime"];

/// Lints that hold the bans, by their names and the names of the groups they are in.
const HOLDING: [&str; 8] = [
    "clippy::all",
    "clippy::disallowed_method",
    "clippy::disallowed_methods",
    "clippy::disallowed_type",
    "clippy::disallowed_types",
    "clippy::style",
    "unsafe_code",
    "warnings",
];

/// Methods that integers have too: which one is meant, clippy tells by the type.
const OF_INTEGERS: [&str; 3] = ["clamp", "max", "min"];

/// Paths are told from the root; where that lies does not matter here.
const ROOT: &str = "/root";

const MACHINE_FIX: &str = "a version's values come from its inputs alone: remove it";

/// What a source of the version in this folder must not say.
pub(super) fn problems(folder: &str, path: &str, scan: &Scan, bans: &[Ban]) -> Vec<Problem> {
    let mut found: Vec<(usize, String, String)> = Vec::new();
    let mut say = |line: usize, reason: String, fix: &str| found.push((line, reason, fix.to_owned()));
    for line in &scan.unsafe_lines {
        say(*line, "has unsafe code".to_owned(), "write it in safe Rust");
    }
    for (line, lint) in &scan.allowed_lints {
        if HOLDING.contains(&lint.as_str()) {
            say(*line, format!("turns the lint {lint} off"), "remove it, and write what the lint demands");
        }
    }
    for (line, method) in &scan.methods {
        let is_banned = |ban: &&Ban| {
            let of_float = ban.path.strip_prefix("f64::").or_else(|| ban.path.strip_prefix("f32::"));
            of_float == Some(method) && !OF_INTEGERS.contains(&method.as_str())
        };
        if let Some(ban) = bans.iter().find(is_banned) {
            say(*line, format!("calls .{method}(), the banned {}", ban.path), &ban.reason);
        }
    }
    for (line, name) in &scan.paths {
        if let Some(ban) = bans.iter().find(|ban| is_banned(name, &ban.path)) {
            say(*line, format!("uses {name}, the banned {}", ban.path), &ban.reason);
        } else if is_of_machine(name) && !(name == "std::process::ExitCode" && is_program(folder, path)) {
            say(*line, format!("uses {name}, by which the machine could decide a value"), MACHINE_FIX);
        }
    }
    for (line, name) in &scan.renamed {
        say(*line, format!("imports {name} under another name"), "import it under its own name");
    }
    for (line, condition) in &scan.conditions {
        if !["doc", "doctest", "test"].contains(&condition.as_str()) {
            say(
                *line,
                format!("depends on cfg({condition})"),
                "a version is the same however it is built: remove the condition",
            );
        }
    }
    for call in &scan.macros {
        if let Some((reason, fix)) = wrong_macro(call) {
            say(call.line, reason, fix);
        }
    }
    let mut problems: Vec<Problem> =
        found.into_iter().map(|(line, reason, fix)| problem(format!("{path}:{line}"), reason, fix)).collect();
    problems.extend(unhashed(folder, path, scan));
    problems
}

/// Whether a path names what is banned: a method by its type, a type anywhere in the path or by a `*` that brings it.
fn is_banned(path: &str, ban: &str) -> bool {
    let (parent, name) = ban.rsplit_once("::").unwrap_or(("", ban));
    let mut segments = path.rsplit("::");
    if name.starts_with(char::is_uppercase) {
        return path.strip_suffix("::*") == Some(parent) || segments.any(|segment| segment == name);
    }
    segments.next() == Some(name) && segments.next() == parent.rsplit("::").next()
}

fn is_of_machine(path: &str) -> bool {
    let mut segments = path.split("::");
    let of_std = match segments.next() {
        Some("std") => segments.next().is_none_or(|module| module == "*" || MACHINE.contains(&module)),
        // A version may have a module of its own that is called core.
        Some("core") => segments.next().is_some_and(|module| ["arch", "simd"].contains(&module)),
        _ => false,
    };
    of_std || path.split("::").any(|segment| RUN.contains(&segment)) || path == "std::time::*"
}

/// Whether a file is a program: its exit code decides no value.
fn is_program(folder: &str, path: &str) -> bool {
    let within = path.strip_prefix(folder).unwrap_or(path);
    within == "/build.rs" || within.starts_with("/src/bin/")
}

fn wrong_macro(call: &Macro) -> Option<(String, &'static str)> {
    let name = call.name.as_str();
    let reason = match name {
        "asm" | "global_asm" | "naked_asm" => "is written in instructions of one machine".to_owned(),
        "cfg_select" => "depends on how it is built, by cfg_select!".to_owned(),
        "include" => {
            return Some((
                "includes code by include!".to_owned(),
                "write the code as a module in a .rs file of its own",
            ));
        }
        "env" | "option_env" => {
            let variable = call.literal.as_deref().unwrap_or("…");
            if variable.starts_with("CARGO_PKG_") || variable == "ISOBAR_SOURCE_HASH" {
                return None;
            }
            format!("takes {variable} from the environment of the build, by {name}!")
        }
        _ if name.ends_with("_feature_detected") => format!("asks what the machine can do, by {name}!"),
        _ => return None,
    };
    Some((reason, MACHINE_FIX))
}

/// Files that a source reads into the build and that the source hash does not cover.
fn unhashed(folder: &str, path: &str, scan: &Scan) -> Vec<Problem> {
    let is_file = |named: &&Named| !matches!(named.location, Location::Generated(_));
    let files = scan.named.iter().filter(is_file);
    let files = files.filter_map(|named| Some((named, escapes::target(ROOT, folder, path, named)?)));
    let outside = files.filter(|(_, target)| {
        let hashed = ["src/", "goldens/"].map(|hashed| format!("{folder}/{hashed}"));
        !hashed.iter().any(|hashed| target.starts_with(hashed))
    });
    let generated = scan.named.iter().filter(|named| !is_file(named)).map(|named| {
        problem(
            format!("{path}:{}", named.line),
            format!(
                "{} reads what its build script generates, which is not part of its source hash",
                named.by
            ),
            "write it into a file of src/",
        )
    });
    let problems = outside.map(|(named, target)| {
        problem(
            format!("{path}:{}", named.line),
            format!("{} reads {target}, which is not part of its source hash", named.by),
            "move the file into src/: what a version is built from decides values, and is hashed",
        )
    });
    problems.chain(generated).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, source: &str) -> Vec<String> {
        let ban = |path: &str| Ban { path: path.to_owned(), reason: "as clippy.toml says".to_owned() };
        let bans = ["f64::mul_add", "f64::exp", "f64::min", "std::collections::HashMap"].map(ban);
        let scan = Scan::of(std::path::Path::new(path), source).unwrap();
        let problems = problems("features-v1", &format!("features-v1/{path}"), &scan, &bans);
        problems
            .iter()
            .map(|problem| format!("{}: {}; {}", problem.place, problem.reason, problem.fix))
            .collect()
    }

    #[test]
    fn code_of_its_own_is_fine() {
        for (path, source) in [
            (
                "src/lib.rs",
                "//! unsafe, f64::exp\nfn f(x: f64) -> f64 { libm::exp(x) * x.sqrt() + (1_u8).min(2) as f64 }",
            ),
            (
                "src/lib.rs",
                "const A: &str = env!(\"CARGO_PKG_VERSION\"); const B: &str = env!(\"ISOBAR_SOURCE_HASH\");",
            ),
            (
                "src/lib.rs",
                "const A: &str = include_str!(\"../goldens/OUTPUT_HASH\"); mod exp; use core::{CoreEngine, mem};",
            ),
            (
                "src/lib.rs",
                "#[cfg(test)] mod tests {} #[allow(clippy::panic, reason = \"at compile time\")] fn f() {}",
            ),
            (
                "src/lib.rs",
                "use std::collections::BTreeMap; use std::f64::consts::PI; struct S { exp: f64 } fn f(s: S) -> f64 { s.exp }",
            ),
            ("src/bin/selftest.rs", "use std::process::ExitCode;"),
            ("build.rs", "fn main() -> std::process::ExitCode { feature_api::identity::build_script() }"),
        ] {
            assert_eq!(of(path, source), [""; 0], "{source}");
        }
    }

    #[test]
    fn banned_calls_are_named() {
        for (source, expected) in [
            ("a.mul_add(b, c)", "calls .mul_add(), the banned f64::mul_add"),
            ("(1.0 - x).exp()", "calls .exp(), the banned f64::exp"),
            ("f64::exp(x)", "uses f64::exp, the banned f64::exp"),
            ("<f64>::exp(x)", "uses f64::exp, the banned f64::exp"),
            ("a.fold(x, core::primitive::f64::min)", "uses core::primitive::f64::min, the banned f64::min"),
            ("f64::min(a, b)", "uses f64::min, the banned f64::min"),
            (
                "std::collections::HashMap::new()",
                "uses std::collections::HashMap::new, the banned std::collections::HashMap",
            ),
            (
                "use std::{collections::{HashMap as M}};",
                "uses std::collections::HashMap, the banned std::collections::HashMap",
            ),
            ("use std::collections::*;", "uses std::collections::*, the banned std::collections::HashMap"),
        ] {
            assert_eq!(
                of("src/lib.rs", &format!("\n{source}")),
                [format!("features-v1/src/lib.rs:2: {expected}; as clippy.toml says")],
                "{source}"
            );
        }
    }

    #[test]
    fn the_machine_decides_nothing() {
        let fix = "a version's values come from its inputs alone: remove it";
        for (source, name) in [
            ("std::env::var(\"A\")", "std::env::var"),
            ("use std::{fs, fmt};", "std::fs"),
            ("std::net::TcpStream::connect(x)", "std::net::TcpStream::connect"),
            ("use std::process::ExitCode;", "std::process::ExitCode"),
            ("std::thread::available_parallelism()", "std::thread::available_parallelism"),
            ("use std::time::{Duration, Instant};", "std::time::Instant"),
            ("use ::std::time::SystemTime as T;", "std::time::SystemTime"),
            ("use std::time; time::Instant::now()", "time::Instant::now"),
            ("use std::*;", "std::*"),
            ("extern crate std;", "std"),
            ("use std::hash::RandomState;", "std::hash::RandomState"),
            ("core::arch::x86_64::_rdtsc()", "core::arch::x86_64::_rdtsc"),
        ] {
            assert_eq!(
                of("src/lib.rs", source),
                [format!(
                    "features-v1/src/lib.rs:1: uses {name}, by which the machine could decide a value; {fix}"
                )],
                "{source}"
            );
        }
        for (source, expected) in [
            ("asm!(\"nop\")", "is written in instructions of one machine"),
            ("env!(\"HOME\")", "takes HOME from the environment of the build, by env!"),
            ("option_env!(\"FAST\")", "takes FAST from the environment of the build, by option_env!"),
            ("env!($name)", "takes … from the environment of the build, by env!"),
            (
                "is_x86_feature_detected!(\"fma\")",
                "asks what the machine can do, by is_x86_feature_detected!",
            ),
            ("cfg_select! { unix => {} _ => {} }", "depends on how it is built, by cfg_select!"),
        ] {
            assert_eq!(
                of("src/lib.rs", source),
                [format!("features-v1/src/lib.rs:1: {expected}; {fix}")],
                "{source}"
            );
        }
    }

    #[test]
    fn no_ban_is_turned_off_and_no_build_differs() {
        for (source, expected) in [
            ("unsafe {}", "has unsafe code; write it in safe Rust"),
            (
                "#[allow(clippy::disallowed_methods)] fn f() {}",
                "turns the lint clippy::disallowed_methods off; remove it, and write what the lint demands",
            ),
            (
                "#![cfg_attr(test, expect(unsafe_code))]",
                "turns the lint unsafe_code off; remove it, and write what the lint demands",
            ),
            (
                "#[cfg(not(target_arch = \"x86_64\"))] fn f() {}",
                "depends on cfg(target_arch = \"x86_64\"); a version is the same however it is built: remove the condition",
            ),
            (
                "if cfg!(debug_assertions) {}",
                "depends on cfg(debug_assertions); a version is the same however it is built: remove the condition",
            ),
            ("use std as s;", "imports std under another name; import it under its own name"),
        ] {
            let found = of("src/lib.rs", source);
            assert!(found.contains(&format!("features-v1/src/lib.rs:1: {expected}")), "{source}: {found:?}");
        }
    }

    #[test]
    fn what_is_compiled_in_is_hashed() {
        let fix = "move the file into src/: what a version is built from decides values, and is hashed";
        assert_eq!(
            of("src/lib.rs", "#[path = \"../tests/x.rs\"] mod x;"),
            [format!(
                "features-v1/src/lib.rs:1: #[path] reads features-v1/tests/x.rs, which is not part of its source hash; {fix}"
            )]
        );
        assert_eq!(
            of("src/lib.rs", "#![doc = include_str!(\"../README.md\")]"),
            [format!(
                "features-v1/src/lib.rs:1: include_str! reads features-v1/README.md, which is not part of its source hash; {fix}"
            )]
        );
        assert_eq!(
            of("src/lib.rs", "include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));"),
            [
                "features-v1/src/lib.rs:1: includes code by include!; write the code as a module in a .rs file of its own",
                "features-v1/src/lib.rs:1: takes OUT_DIR from the environment of the build, by env!; \
                 a version's values come from its inputs alone: remove it",
                "features-v1/src/lib.rs:1: include! reads what its build script generates, which is not part of its source hash; \
                 write it into a file of src/",
            ]
        );
    }
}
