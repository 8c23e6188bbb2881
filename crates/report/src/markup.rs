//! A writer of XML and HTML. It escapes what it is given and closes what it opened.

use std::fmt::Write as _;

use crate::legible;

/// Attributes: name and value.
pub(crate) type Attributes<'a> = &'a [(&'a str, &'a str)];

/// Markup that is being written.
#[derive(Default)]
pub(crate) struct Markup {
    out: String,
    open: Vec<&'static str>,
}

impl Markup {
    /// Begins with a text that is ours, such as an XML declaration.
    pub(crate) fn beginning(head: &'static str) -> Self {
        Self { out: head.to_owned(), open: Vec::new() }
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, name: &'static str, attributes: Attributes) -> &mut Self {
        self.tag(name, attributes, ">");
        self.open.push(name);
        self
    }

    /// Closes the element that was opened last.
    pub(crate) fn close(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            let _ = write!(self.out, "</{name}>");
        }
        self
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: Attributes) -> &mut Self {
        self.tag(name, attributes, "/>");
        self
    }

    /// An element whose content is text.
    pub(crate) fn leaf(&mut self, name: &'static str, attributes: Attributes, text: &str) -> &mut Self {
        self.open(name, attributes).text(text).close()
    }

    /// Text, made legible and escaped.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        escape(&legible(text), &mut self.out);
        self
    }

    /// An element around what `inner` writes.
    pub(crate) fn within(
        &mut self,
        name: &'static str,
        attributes: Attributes,
        inner: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.open(name, attributes);
        inner(self);
        self.close()
    }

    /// Content that this crate wrote itself: a style sheet, another piece of markup.
    pub(crate) fn ours(&mut self, markup: &str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// The markup, with everything closed.
    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn tag(&mut self, name: &str, attributes: Attributes, end: &str) {
        let _ = write!(self.out, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.out, " {key}=\"");
            escape(&legible(value), &mut self.out);
            self.out.push('"');
        }
        self.out.push_str(end);
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_balanced() {
        let mut markup = Markup::default();
        markup.open("a", &[("b", "\"<'\u{202e}")]).text("</a>&\0").empty("c", &[]).open("d", &[]);
        let expected = "<a b=\"&quot;&lt;&#39;〔U+202E〕\">&lt;/a&gt;&amp;〔U+0000〕<c/><d></d></a>";
        assert_eq!(markup.finish(), expected);
    }
}
