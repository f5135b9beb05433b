//! What a Rust source file says, token by token: comments and strings are not mistaken for code, nor code for them.

mod literal;
mod walk;

use std::path::Path;

use proc_macro2::TokenStream;

use crate::Error;

/// Where a file named to the compiler lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A path from the folder of the source file.
    Beside(String),
    /// A path after the package's folder, `CARGO_MANIFEST_DIR`.
    Package(String),
    /// A path after the folder of what the build script generates, `OUT_DIR`.
    Generated(String),
    /// Not written in literals: it cannot be told without a build.
    Unknown,
}

/// A file that is named to the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Line, from 1.
    pub line: usize,
    /// What names it: `#[path]`, `include!`, `include_str!`, `include_bytes!`.
    pub by: String,
    /// The inline modules it stands in, outermost first: `#[path]` counts from them.
    pub inline: Vec<String>,
    /// Where it lies.
    pub location: Location,
}

/// A call of a macro that the rules look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macro {
    /// Line, from 1.
    pub line: usize,
    /// Its name: `env`.
    pub name: String,
    /// Its first argument, where that is a string literal.
    pub literal: Option<String>,
}

/// What the rules look for in a source file. Lines are from 1; documentation is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// Every string literal, with escapes resolved.
    pub literals: Vec<(usize, String)>,
    /// Files named to the compiler.
    pub named: Vec<Named>,
    /// Names of the modules that stand in files of their own: `mod name;`.
    pub modules: Vec<String>,
    /// Lines with the keyword `unsafe`.
    pub unsafe_lines: Vec<usize>,
    /// Paths of two segments or more, and `std` alone; of a `use` with braces each path whole: `std::env::var`,
    /// `f64::min`, `std::*`.
    pub paths: Vec<(usize, String)>,
    /// Names of methods called or named: `mul_add` for `x.mul_add(a, b)`.
    pub methods: Vec<(usize, String)>,
    /// Macros called: all of them.
    pub macros: Vec<Macro>,
    /// What is imported under another name, of the names in [`Scan::WATCHED`]: `std::include_str`.
    pub renamed: Vec<(usize, String)>,
    /// Lints of `allow(…)` and `expect(…)` attributes: `clippy::disallowed_methods`.
    pub allowed_lints: Vec<(usize, String)>,
    /// Conditions of `cfg`, `cfg_attr` and `cfg!`, without `not`, `any` and `all`: `test`, `target_os = "linux"`.
    pub conditions: Vec<(usize, String)>,
}

impl Scan {
    /// Names that must not be hidden behind others.
    pub const WATCHED: [&str; 10] = [
        "asm",
        "concat",
        "core",
        "env",
        "f64",
        "include",
        "include_bytes",
        "include_str",
        "option_env",
        "std",
    ];

    /// Reads a source text.
    ///
    /// # Errors
    /// [`Error::Format`] where it is not made of Rust's tokens, or is nested deeper than any source is.
    pub fn of(path: &Path, text: &str) -> Result<Self, Error> {
        let wrong = |reason| Error::Format { path: path.to_owned(), reason };
        // `#!/usr/bin/env …`, which the compiler passes over.
        let shebang = text.starts_with("#!") && !text.starts_with("#![");
        let text = if shebang {
            text.get(text.find('\n').unwrap_or(text.len())..).unwrap_or_default()
        } else {
            text
        };
        let stream: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| {
            wrong(format!("expected Rust, found what is none in line {}", error.span().start().line))
        })?;
        let scan = walk::walk(stream).map_err(wrong);
        // The lexer keeps every text it has read for its spans; none is needed any more.
        proc_macro2::extra::invalidate_current_thread_spans();
        scan
    }
}

#[cfg(test)]
mod tests;
