//! Risk: a report names a cause that its reader finds nowhere.

use std::path::Path;

use reveille::report::PLAIN_CAUSES;

#[test]
fn every_cause_stands_in_the_glossary_with_its_sentence_and_its_remedy() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/glossary.md");
    let page = std::fs::read_to_string(path).expect("the page is there");
    let capital = |text: &str| {
        let mut letters = text.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    let missing: Vec<String> = PLAIN_CAUSES
        .iter()
        .map(|(cause, sentence, remedy)| format!("| {} | {} | `{cause}` |", capital(sentence), capital(remedy)))
        .filter(|row| !page.lines().any(|line| line == row))
        .collect();
    assert!(missing.is_empty(), "write these rows into docs/glossary.md:\n{}", missing.join("\n"));
}
