//! The walk over the tokens of a source file.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};

use super::{Location, Macro, Named, Scan, literal};

/// Groups within groups that no source has; the walk of deeper ones would need more stack than there may be.
const DEEPEST: usize = 200;

/// Keywords that a path from `::` may follow: none of them is its first name.
const BEFORE_PATHS: [&str; 15] = [
    "as", "break", "const", "dyn", "for", "if", "impl", "in", "let", "match", "mut", "return", "use",
    "where", "while",
];

/// What the tokens say.
pub(super) fn walk(stream: TokenStream) -> Result<Scan, String> {
    let mut walk = Walk { scan: Scan::default(), inline: Vec::new(), depth: 0 };
    walk.stream(stream)?;
    Ok(walk.scan)
}

struct Walk {
    scan: Scan,
    inline: Vec<String>,
    depth: usize,
}

impl Walk {
    fn stream(&mut self, stream: TokenStream) -> Result<(), String> {
        self.trees(&stream.into_iter().collect::<Vec<_>>())
    }

    fn trees(&mut self, trees: &[TokenTree]) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("expected brackets within brackets up to {DEEPEST} deep, found more"));
        }
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            let rest = trees.get(at + 1..).unwrap_or_default();
            at += 1;
            match tree {
                TokenTree::Group(group) => self.stream(group.stream())?,
                TokenTree::Literal(token) => {
                    if let Some(text) = literal::text(&token.to_string()) {
                        self.scan.literals.push((line(tree), text));
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == '#' => match rest {
                    [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Bracket => {
                        self.attribute(&trees_of(group))?;
                        at += 1;
                    }
                    [TokenTree::Punct(bang), TokenTree::Group(group), ..]
                        if bang.as_char() == '!' && group.delimiter() == Delimiter::Bracket =>
                    {
                        self.attribute(&trees_of(group))?;
                        at += 2;
                    }
                    _ => {}
                },
                TokenTree::Punct(_) => {}
                TokenTree::Ident(ident) => {
                    let before = trees.get(..at - 1).unwrap_or_default();
                    at += self.ident(ident, before, rest)?;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Takes an identifier and gives how many tokens behind it are taken with it.
    fn ident(&mut self, ident: &Ident, before: &[TokenTree], rest: &[TokenTree]) -> Result<usize, String> {
        let at = ident.span().start().line;
        if BEFORE_PATHS.contains(&ident.to_string().as_str()) {
            return Ok(0);
        }
        match (name(ident).as_str(), rest) {
            ("unsafe", _) => self.scan.unsafe_lines.push(at),
            ("mod", [TokenTree::Ident(module), TokenTree::Group(body), ..])
                if body.delimiter() == Delimiter::Brace =>
            {
                self.inline.push(name(module));
                self.stream(body.stream())?;
                self.inline.pop();
                return Ok(2);
            }
            ("mod", [TokenTree::Ident(module), TokenTree::Punct(end), ..]) if end.as_char() == ';' => {
                self.scan.modules.push(name(module));
            }
            _ if is_member(before) => {
                let called = matches!(rest, [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Parenthesis);
                if called || joined(rest).is_some() {
                    self.scan.methods.push((at, name(ident)));
                }
            }
            _ => return self.path(ident, before, rest),
        }
        Ok(0)
    }

    /// Takes a path, a macro's call where one follows, and gives how many tokens it has after its first.
    fn path(&mut self, ident: &Ident, before: &[TokenTree], rest: &[TokenTree]) -> Result<usize, String> {
        let at = ident.span().start().line;
        let mut segments = vec![name(ident)];
        let mut taken = 0;
        // Of `<f64>::exp` the path is `f64::exp`.
        if is(before.last(), '<')
            && is(rest.first(), '>')
            && joined(rest.get(1..).unwrap_or_default()).is_some()
        {
            taken = 1;
        }
        while let Some(next) = joined(rest.get(taken..).unwrap_or_default()) {
            match next {
                TokenTree::Ident(segment) => segments.push(name(segment)),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    self.tree(&segments, &trees_of(group));
                    return Ok(taken + 3);
                }
                TokenTree::Punct(star) if star.as_char() == '*' => segments.push("*".to_owned()),
                TokenTree::Punct(_) | TokenTree::Literal(_) | TokenTree::Group(_) => break,
            }
            taken += 3;
        }
        let behind = rest.get(taken..).unwrap_or_default();
        self.found(at, &segments, behind);
        if let [TokenTree::Punct(bang), TokenTree::Group(arguments), ..] = behind
            && bang.as_char() == '!'
        {
            self.call(at, segments.last().map_or("", String::as_str), &trees_of(arguments));
        }
        Ok(taken)
    }

    /// The paths within the braces of a `use`.
    fn tree(&mut self, prefix: &[String], trees: &[TokenTree]) {
        for item in split(trees) {
            let mut segments = prefix.to_vec();
            let (mut rest, mut at) = (item, 0);
            while let Some(tree) = rest.first() {
                at = line(tree);
                rest = rest.get(1..).unwrap_or_default();
                match tree {
                    TokenTree::Ident(ident) if name(ident) == "as" => break,
                    TokenTree::Ident(ident) if name(ident) == "self" => {}
                    TokenTree::Ident(ident) => segments.push(name(ident)),
                    TokenTree::Punct(star) if star.as_char() == '*' => segments.push("*".to_owned()),
                    TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                    TokenTree::Group(group) => {
                        self.tree(&segments, &trees_of(group));
                        segments.clear();
                    }
                }
                if matches!(rest.first(), Some(TokenTree::Ident(ident)) if name(ident) == "as") {
                    break;
                }
            }
            if !segments.is_empty() {
                self.found(at, &segments, rest);
            }
        }
    }

    /// A path, and what follows it.
    fn found(&mut self, at: usize, segments: &[String], behind: &[TokenTree]) {
        let last = segments.last().map_or("", String::as_str);
        let path = segments.join("::");
        if matches!(behind.first(), Some(TokenTree::Ident(ident)) if name(ident) == "as")
            && Scan::WATCHED.contains(&last)
        {
            self.scan.renamed.push((at, path.clone()));
        }
        if segments.len() > 1 || last == "std" {
            self.scan.paths.push((at, path));
        }
    }

    fn call(&mut self, at: usize, name: &str, arguments: &[TokenTree]) {
        let first = split(arguments).into_iter().next().unwrap_or_default();
        let literal = match first {
            [TokenTree::Literal(token)] => literal::text(&token.to_string()),
            _ => None,
        };
        self.scan.macros.push(Macro { line: at, name: name.to_owned(), literal });
        match name {
            "include" | "include_str" | "include_bytes" => {
                self.named(at, format!("{name}!"), literal::location(arguments));
            }
            "cfg" => self.conditions(arguments),
            _ => {}
        }
    }

    fn named(&mut self, line: usize, by: String, location: Location) {
        self.scan.named.push(Named { line, by, inline: self.inline.clone(), location });
    }

    /// What stands in the brackets of an attribute.
    fn attribute(&mut self, trees: &[TokenTree]) -> Result<(), String> {
        let (head, rest) = match trees {
            [TokenTree::Ident(head), rest @ ..] => (name(head), rest),
            _ => (String::new(), trees),
        };
        match (head.as_str(), rest) {
            // Documentation, which a comment is made to.
            ("doc", [TokenTree::Punct(_), TokenTree::Literal(_)]) => return Ok(()),
            ("path", [TokenTree::Punct(equal), value @ ..]) if equal.as_char() == '=' => {
                let at = trees.first().map_or(0, line);
                self.named(at, "#[path]".to_owned(), literal::location(value));
            }
            ("cfg", [TokenTree::Group(group)]) => self.conditions(&trees_of(group)),
            ("cfg_attr", [TokenTree::Group(group)]) => {
                let inner = trees_of(group);
                let mut parts = split(&inner).into_iter();
                self.conditions(parts.next().unwrap_or_default());
                return parts.try_for_each(|part| self.attribute(part));
            }
            ("allow" | "expect", [TokenTree::Group(group)]) => {
                for lint in split(&trees_of(group)) {
                    if let Some(first) = lint.first()
                        && !is(lint.get(1), '=')
                    {
                        let text: TokenStream = lint.iter().cloned().collect();
                        self.scan.allowed_lints.push((line(first), text.to_string().replace(' ', "")));
                    }
                }
            }
            _ => {}
        }
        self.trees(trees)
    }

    /// The conditions of a `cfg`.
    fn conditions(&mut self, trees: &[TokenTree]) {
        for part in split(trees) {
            match part {
                [TokenTree::Ident(ident), TokenTree::Group(group)]
                    if ["not", "any", "all"].contains(&name(ident).as_str()) =>
                {
                    self.conditions(&trees_of(group));
                }
                [first, ..] => {
                    let text: TokenStream = part.iter().cloned().collect();
                    self.scan.conditions.push((line(first), text.to_string()));
                }
                [] => {}
            }
        }
    }
}

fn trees_of(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

fn line(tree: &TokenTree) -> usize {
    tree.span().start().line
}

/// The name of an identifier, raw or not.
fn name(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map_or_else(|| text.clone(), str::to_owned)
}

fn is(tree: Option<&TokenTree>, letter: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == letter)
}

/// The parts between commas; none behind the last comma.
fn split(trees: &[TokenTree]) -> Vec<&[TokenTree]> {
    let parts = trees.split(|tree| is(Some(tree), ','));
    parts.filter(|part| !part.is_empty()).collect()
}

/// What stands behind the `::` that these tokens begin with.
fn joined(trees: &[TokenTree]) -> Option<&TokenTree> {
    match trees {
        [TokenTree::Punct(one), TokenTree::Punct(two), next, ..]
            if is_joint(one, ':') && two.as_char() == ':' =>
        {
            Some(next)
        }
        _ => None,
    }
}

fn is_joint(punct: &Punct, letter: char) -> bool {
    punct.as_char() == letter && punct.spacing() == Spacing::Joint
}

/// Whether a name behind these tokens is that of a field or method: after a dot that is not the end of a range.
fn is_member(before: &[TokenTree]) -> bool {
    match before {
        [.., TokenTree::Punct(one), TokenTree::Punct(two)] if is_joint(one, '.') && two.as_char() == '.' => {
            false
        }
        [.., TokenTree::Punct(dot)] => dot.as_char() == '.',
        _ => false,
    }
}
