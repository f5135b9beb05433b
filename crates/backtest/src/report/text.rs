//! Text and tables as HTML.

/// Text as it may stand in HTML, in an attribute too. Control characters, which HTML does not know, are replaced.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            letter if letter.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The name of a feature, which may be broken after each `_`.
pub(super) fn breakable(name: &str) -> String {
    escape(name).replace('_', "_<wbr>")
}

/// A section with its heading; `id` is its place in the contents.
pub(super) fn section(id: &str, title: &str, body: &str) -> String {
    format!(
        "<section id=\"{id}\" aria-labelledby=\"h-{id}\">\n<h2 id=\"h-{id}\">{title}</h2>\n{body}</section>\n"
    )
}

/// A figure: what it shows, then what must be known to read it. Both are HTML.
pub(super) fn figure(caption: &str, body: &str, note: &str) -> String {
    let note = if note.is_empty() { String::new() } else { format!("<p class=\"note\">{note}</p>\n") };
    format!("<figure>\n<figcaption>{caption}</figcaption>\n{body}{note}</figure>\n")
}

/// A table in a container of its own that scrolls where the page is narrow. The caption is text, for those who hear it;
/// columns and rows are HTML, each cell with its tags.
pub(super) fn table(caption: &str, class: &str, columns: &[&str], rows: &str) -> String {
    let heads: String = columns.iter().map(|column| format!("<th scope=\"col\">{column}</th>")).collect();
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\"><table class=\"{class}\">\
         <caption>{0}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n",
        escape(caption)
    )
}

/// A row of a table: its head, then its cells. All are HTML.
pub(super) fn row(head: &str, cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
    format!("<tr><th scope=\"row\">{head}</th>{cells}</tr>\n")
}

/// What stands where there is nothing to show.
pub(super) fn empty(sentence: &str) -> String {
    format!("<p class=\"empty\">{sentence}</p>\n")
}

/// `p` above zero, `n` below, else nothing: the class of a number. Its sign is written too.
pub(super) fn tone(value: f64) -> &'static str {
    if value > 0.0 {
        "p"
    } else if value < 0.0 {
        "n"
    } else {
        "z"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_would_read() {
        assert_eq!(escape("<script>\"a\" & 'b'"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;");
        assert_eq!(escape("a\nb\0c"), "a b\u{fffd}c");
    }
}
