//! Whether a patch changes texts alone: the code of a version without its comments, docs and strings is that of the
//! release before. The output hash alone would not tell: a canonical input does not meet every value.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::{Error, Git, Record, Version, Workspace};

/// Every source file whose code differs from that of the release `old`; the reasons against a patch.
///
/// # Errors
/// [`Error`] where the release or the folder cannot be read.
pub(super) fn changed_code(
    workspace: &Workspace,
    git: &Git,
    version: &Version,
    old: &Record,
) -> Result<Vec<String>, Error> {
    let at = |path: &str| format!("refs/tags/{}:./{}/{path}", old.tag(), version.name);
    let sums = git.run(&["show", &at("SHA256SUMS")])?;
    let listed = sums.lines().filter_map(|line| line.split_once("  ")).map(|(_, path)| path.trim_end());
    let is_code = |path: &&str| path.ends_with(".rs");
    let mut paths: Vec<&str> = listed.filter(is_code).collect();
    paths.extend(version.source.files.iter().map(|(path, _)| path.as_str()).filter(is_code));
    paths.sort_unstable();
    paths.dedup();
    let mut changed = Vec::new();
    for path in paths {
        // A file that only one of them has is as good as empty in the other.
        let before = git.run(&["show", &at(path)]).unwrap_or_default();
        let now = workspace.text(&format!("{}/{path}", version.name)).unwrap_or_default();
        if code(&before) != code(&now) {
            changed.push(format!(
                "--patch: {}/{path} has other code than in {} {}, not another text alone: make a new version (cargo xtask \
                 new-version)",
                version.name, old.name, old.version
            ));
        }
    }
    Ok(changed)
}

/// The tokens of a source text but for comments, docs and the content of strings; as an error the text itself, where it
/// is not made of Rust's tokens.
fn code(text: &str) -> Result<String, String> {
    let tokens: TokenStream = text.parse().map_err(|_| text.to_owned())?;
    Ok(without_texts(tokens).to_string())
}

fn without_texts(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let is_attribute = group.delimiter() == Delimiter::Bracket && ends_with(&kept, "#");
                let is_inner = group.delimiter() == Delimiter::Bracket && ends_with(&kept, "#!");
                if (is_attribute || is_inner) && is_doc(&group) {
                    kept.truncate(kept.len() - if is_inner { 2 } else { 1 });
                } else if is_attribute || is_inner || reads(&kept) {
                    kept.push(TokenTree::Group(group));
                } else {
                    let inside = without_texts(group.stream());
                    kept.push(TokenTree::Group(Group::new(group.delimiter(), inside)));
                }
            }
            TokenTree::Literal(literal) if literal.to_string().contains('"') => {
                kept.push(TokenTree::Literal(proc_macro2::Literal::string("")));
            }
            TokenTree::Literal(_) | TokenTree::Ident(_) | TokenTree::Punct(_) => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

fn ends_with(tokens: &[TokenTree], signs: &str) -> bool {
    let last: String = tokens.iter().rev().take(signs.len()).map(ToString::to_string).collect();
    last.chars().rev().eq(signs.chars())
}

fn is_doc(attribute: &Group) -> bool {
    attribute.stream().into_iter().next().is_some_and(|first| first.to_string() == "doc")
}

/// Whether what follows are the arguments of a macro that takes a file or a variable by its name.
fn reads(before: &[TokenTree]) -> bool {
    const READERS: [&str; 5] = ["include", "include_str", "include_bytes", "env", "option_env"];
    let [.., name, mark] = before else { return false };
    mark.to_string() == "!" && READERS.contains(&name.to_string().as_str())
}

#[cfg(test)]
mod tests {
    use super::code;

    const BEFORE: &str =
        "//! A file.\n\n/// Doubles.\n#[inline]\nfn f(x: f64) -> f64 { x * 2.0 }\nconst T: &str = \"a\";\n";

    #[test]
    fn comments_docs_and_strings_are_texts() {
        for now in [
            BEFORE.replace("Doubles.", "Twice as much."),
            BEFORE.replace("//! A file.\n", "// Nothing.\n"),
            BEFORE.replace("\"a\"", "\"b\""),
            BEFORE.replace("{ x", "{\n    // Twice.\n    x"),
        ] {
            assert_eq!(code(BEFORE), code(&now), "{now}");
        }
    }

    #[test]
    fn whatever_else_differs_is_code() {
        for now in [
            BEFORE.replace("2.0", "2.5"),
            BEFORE.replace('*', "/"),
            BEFORE.replace("inline", "cold"),
            BEFORE.replace("#[inline]", "#[cfg(test)]"),
            BEFORE.replace("\"a\"", "env!(\"A\")"),
            BEFORE.replace("\"a\"", "include_str!(\"a\")"),
            String::new(),
            "fn (".to_owned(),
        ] {
            assert_ne!(code(BEFORE), code(&now), "{now}");
        }
        assert_ne!(code("a!(include_str!(\"x\"))"), code("a!(include_str!(\"y\"))"));
        assert_ne!(code("#[path = \"x\"] mod a;"), code("#[path = \"y\"] mod a;"));
    }
}
