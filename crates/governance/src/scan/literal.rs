//! What string literals say, and the file that a few of them name.

use proc_macro2::{Delimiter, TokenTree};

use super::Location;

/// The text of a string, byte string or C string literal, raw or not; `None` of any other literal.
pub(super) fn text(literal: &str) -> Option<String> {
    let open = literal.find('"')?;
    let close = literal.rfind('"').filter(|close| *close > open)?;
    let (prefix, body) = (literal.get(..open)?, literal.get(open + 1..close)?);
    if !prefix.chars().all(|letter| matches!(letter, 'b' | 'c' | 'r' | '#')) {
        return None;
    }
    Some(if prefix.contains('r') { body.to_owned() } else { unescape(body) })
}

fn unescape(body: &str) -> String {
    let mut text = String::new();
    let mut letters = body.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('0') => text.push('\0'),
            Some('x') => {
                let digits: String = letters.by_ref().take(2).collect();
                text.extend(u8::from_str_radix(&digits, 16).ok().map(char::from));
            }
            Some('u') => {
                let digits: String = letters.by_ref().take_while(|letter| *letter != '}').collect();
                let digits = digits.trim_start_matches('{').replace('_', "");
                text.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            // The line goes on behind the white space that follows.
            Some('\n' | '\r') => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

/// The file named by the argument of `include!` and its like, or by the value of `#[path = …]`.
pub(super) fn location(argument: &[TokenTree]) -> Location {
    evaluate(argument).unwrap_or(Location::Unknown)
}

/// A literal, `env!` of a folder, or `concat!` of such; `None` of anything else.
fn evaluate(trees: &[TokenTree]) -> Option<Location> {
    let trees = match trees {
        [head @ .., TokenTree::Punct(last)] if last.as_char() == ',' => head,
        all => all,
    };
    match trees {
        [TokenTree::Literal(literal)] => {
            let literal = literal.to_string();
            // Of `concat!`: numbers and letters are taken as they stand.
            Some(Location::Beside(text(&literal).unwrap_or_else(|| literal.trim_matches('\'').to_owned())))
        }
        [.., TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(group)]
            if bang.as_char() == '!' && group.delimiter() != Delimiter::None =>
        {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            match name.to_string().as_str() {
                "concat" => concatenate(&inner),
                "env" => folder(&inner),
                _ => None,
            }
        }
        _ => None,
    }
}

fn folder(argument: &[TokenTree]) -> Option<Location> {
    match evaluate(argument)? {
        Location::Beside(name) if name == "CARGO_MANIFEST_DIR" => Some(Location::Package(String::new())),
        Location::Beside(name) if name == "OUT_DIR" => Some(Location::Generated(String::new())),
        Location::Beside(_) | Location::Package(_) | Location::Generated(_) | Location::Unknown => None,
    }
}

fn concatenate(trees: &[TokenTree]) -> Option<Location> {
    let mut whole: Option<Location> = None;
    for part in trees.split(|tree| matches!(tree, TokenTree::Punct(comma) if comma.as_char() == ',')) {
        if part.is_empty() {
            continue;
        }
        let part = evaluate(part)?;
        whole = Some(match (whole, part) {
            (None, part) => part,
            (Some(Location::Beside(head)), Location::Beside(tail)) => Location::Beside(head + &tail),
            (Some(Location::Package(head)), Location::Beside(tail)) => Location::Package(head + &tail),
            (Some(Location::Generated(head)), Location::Beside(tail)) => Location::Generated(head + &tail),
            (Some(_), _) => return None,
        });
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_says_its_text() {
        for (literal, expected) in [
            (r#""a/b""#, Some("a/b")),
            (r##"r#"a"b"#"##, Some("a\"b")),
            (r#"b"a\x2fb""#, Some("a/b")),
            (r#"c"a\u{2f}b\\\"\n\0""#, Some("a/b\\\"\n\0")),
            ("\"a\\\n    b\"", Some("ab")),
            (r#""\u{6_5}xp""#, Some("exp")),
            ("'a'", None),
            ("'\"'", None),
            ("1.5", None),
        ] {
            assert_eq!(text(literal).as_deref(), expected, "{literal}");
        }
    }

    #[test]
    fn a_file_is_named_by_literals_and_folders() {
        let beside = |path: &str| Location::Beside(path.to_owned());
        for (argument, expected) in [
            (r#""../x.rs""#, beside("../x.rs")),
            (r#""../x.rs","#, beside("../x.rs")),
            (r#"concat!("../", "x", 1, '.', "rs",)"#, beside("../x1.rs")),
            (r#"env!("CARGO_MANIFEST_DIR")"#, Location::Package(String::new())),
            (
                r#"std::concat!(core::env!("CARGO_MANIFEST_DIR"), "/../x")"#,
                Location::Package("/../x".to_owned()),
            ),
            (r#"concat!(env!("OUT_DIR"), "/x.rs")"#, Location::Generated("/x.rs".to_owned())),
            (r#"concat!("a", env!("OUT_DIR"))"#, Location::Unknown),
            (r#"env!("ELSEWHERE")"#, Location::Unknown),
            ("$path", Location::Unknown),
            ("", Location::Unknown),
        ] {
            let argument_trees: Vec<TokenTree> =
                argument.parse::<proc_macro2::TokenStream>().unwrap().into_iter().collect();
            assert_eq!(location(&argument_trees), expected, "{argument}");
        }
    }
}
