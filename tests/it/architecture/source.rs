//! A Rust file as the checks read it: tokens without comments, strings and unit tests, and the paths among them. Must
//! not judge.

/// One word, number or sign of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) line: usize,
    pub(super) text: String,
}

/// A file of the project.
pub(super) struct Source {
    /// The path relative to the project's root, with `/`.
    pub(super) path: String,
    /// The whole text.
    pub(super) text: String,
    /// Its code outside `#[cfg(test)]`.
    pub(super) code: Vec<Token>,
    /// Does code follow the unit tests?
    pub(super) code_after_tests: Option<usize>,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let (code, code_after_tests) = without_tests(&tokens(text));
        Self { path: path.to_owned(), text: text.to_owned(), code, code_after_tests }
    }

    /// Its module, from the crate's root: `["rules", "base", "ids"]`; empty outside `src` and for `lib.rs`.
    pub(super) fn module_path(&self) -> Vec<String> {
        let Some(inside) = self.path.strip_prefix("src/") else { return Vec::new() };
        let mut path: Vec<String> = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if matches!(path.last().map(String::as_str), Some("mod" | "lib")) {
            path.pop();
        }
        path
    }

    /// Does it only list modules and what they export?
    pub(super) fn is_map(&self) -> bool {
        self.path.ends_with("/mod.rs") || self.path == "src/lib.rs"
    }

    /// Every path in its code, with use trees expanded: `use a::{b, c::d}` gives `a::b` and `a::c::d`; `super` is
    /// resolved to `crate`.
    pub(super) fn paths(&self) -> Vec<(usize, Vec<String>)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.code.len() {
            let starts = is_word(&self.code[at].text) && (at == 0 || self.code[at - 1].text != "::");
            if starts {
                at = self.read_path(at, &[], &mut found);
            } else {
                at += 1;
            }
        }
        for (_, path) in &mut found {
            self.resolve(path);
        }
        found
    }

    fn read_path(&self, mut at: usize, before: &[String], found: &mut Vec<(usize, Vec<String>)>) -> usize {
        let text = |at: usize| self.code.get(at).map_or("", |token| token.text.as_str());
        let line = self.code[at].line;
        let mut path = before.to_vec();
        path.push(text(at).to_owned());
        at += 1;
        while text(at) == "::" {
            if text(at + 1) == "{" {
                at += 2;
                while !matches!(text(at), "}" | "") {
                    at = match text(at) {
                        "as" => at + 2,
                        word if is_word(word) => self.read_path(at, &path, found),
                        _ => at + 1,
                    };
                }
                return at + 1;
            }
            if !is_word(text(at + 1)) {
                break;
            }
            path.push(text(at + 1).to_owned());
            at += 2;
        }
        found.push((line, path));
        at
    }

    /// Turns `super::…` and `self::…` into `crate::…`, relative to this file.
    fn resolve(&self, path: &mut Vec<String>) {
        let mut module = self.module_path();
        let ups = path.iter().take_while(|part| *part == "super").count();
        let here = usize::from(ups == 0 && path[0] == "self" && path.len() > 1);
        if ups + here == 0 {
            return;
        }
        module.truncate(module.len().saturating_sub(ups));
        *path = std::iter::once("crate".to_owned()).chain(module).chain(path.drain(ups + here..)).collect();
    }
}

/// A complaint with its place and its remedy.
pub(super) fn complaint(source: &Source, line: usize, what: &str, remedy: &str) -> String {
    format!("{}:{line}: {what}. Remedy: {remedy}.", source.path)
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Is this a number with a fraction or an exponent?
pub(super) fn is_float(text: &str) -> bool {
    let number = text.starts_with(|first: char| first.is_ascii_digit()) && !text.starts_with("0x");
    number && (text.contains('.') || text.contains('e') && !text.ends_with("size") || text.ends_with("f64"))
}

/// The code outside items under `#[cfg(test)]`, and the line of the first code after a module of tests, if any.
fn without_tests(tokens: &[Token]) -> (Vec<Token>, Option<usize>) {
    let marks = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut code, mut after, mut at) = (Vec::new(), None, 0);
    let mut tests_seen = false;
    while at < tokens.len() {
        let marked = marks
            .iter()
            .enumerate()
            .all(|(ahead, mark)| tokens.get(at + ahead).is_some_and(|token| token.text == *mark));
        if !marked {
            if tests_seen && after.is_none() {
                after = Some(tokens[at].line);
            }
            code.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += marks.len();
        let mut depth = 0_usize;
        while at < tokens.len() {
            match tokens[at].text.as_str() {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                "tests" if depth == 0 => tests_seen = true,
                _ => {}
            }
            let ends = depth == 0 && matches!(tokens[at].text.as_str(), "}" | ";");
            at += 1;
            if ends {
                break;
            }
        }
    }
    (code, after)
}

/// Splits a Rust text into tokens, leaving out comments, strings, characters and lifetimes.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let peek = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let mut found: Vec<Token> = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let from = at;
        let begins = line;
        match (chars[at], peek(at + 1)) {
            ('/', '/') => at += chars[at..].iter().take_while(|c| **c != '\n').count(),
            ('/', '*') => at = after_block_comment(&chars, at),
            ('"', _) => at = after_string(&chars, at),
            ('\'', '\\') => at += 3 + chars[at + 3..].iter().take_while(|c| **c != '\'').count() + 1,
            ('\'', _) => at += if peek(at + 2) == '\'' { 3 } else { 1 + word_length(&chars[at + 1..]) },
            ('r' | 'b' | 'c', _) if raw_hashes(&chars, at).is_some() => at = after_raw_string(&chars, at),
            (':', ':') => at += 2,
            (digit, _) if digit.is_ascii_digit() => {
                at += word_length(&chars[at..]);
                let field = found.last().is_some_and(|last| last.text == ".");
                if !field && peek(at) == '.' && peek(at + 1).is_ascii_digit() {
                    at += 1 + word_length(&chars[at + 1..]);
                }
            }
            (first, _) if first.is_alphanumeric() || first == '_' => at += word_length(&chars[at..]),
            _ => at += 1,
        }
        at = at.min(chars.len());
        line += chars[from..at].iter().filter(|c| **c == '\n').count();
        let token: String = chars[from..at].iter().collect();
        let left_out = token.starts_with(char::is_whitespace)
            || token.starts_with("//")
            || token.starts_with("/*")
            || token.starts_with('\'')
            || token.trim_end_matches('#').ends_with('"');
        if !left_out {
            found.push(Token { line: begins, text: token });
        }
    }
    found
}

fn word_length(chars: &[char]) -> usize {
    chars.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count()
}

fn after_block_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn after_string(chars: &[char], mut at: usize) -> usize {
    at += 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The number of `#` of a raw string that begins here; `None` if none begins here.
fn raw_hashes(chars: &[char], at: usize) -> Option<usize> {
    let prefix = chars[at..].iter().take_while(|c| matches!(c, 'b' | 'c' | 'r')).count();
    let raw = prefix <= 2 && chars.get(at + prefix - 1) == Some(&'r');
    let hashes = chars[at + prefix..].iter().take_while(|c| **c == '#').count();
    (raw && chars.get(at + prefix + hashes) == Some(&'"')).then_some(hashes)
}

fn after_raw_string(chars: &[char], at: usize) -> usize {
    let hashes = raw_hashes(chars, at).expect("the caller has checked it");
    let opens = at + chars[at..].iter().take_while(|c| **c != '"').count();
    let closes =
        |end: usize| chars[end] == '"' && chars[end + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
    let end = (opens + 1..chars.len()).find(|end| closes(*end)).unwrap_or(chars.len());
    end + 1 + hashes
}
