//! Who may import whom, as docs/architecture.md says it.

use std::collections::BTreeMap;

/// The columns by which the table is known.
const COLUMNS: [&str; 3] = ["module", "may import", "kind"];

/// What the table says of a module.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The modules it may import.
    pub(crate) imports: Vec<String>,
    /// Whether it is pure.
    pub(crate) pure: bool,
}

/// The table's rows, by module. Panics where it is not as described above the table.
pub(crate) fn parse(markdown: &str) -> BTreeMap<String, Row> {
    let mut above: Vec<String> = Vec::new();
    let mut table = BTreeMap::new();
    for cells in rows(markdown) {
        let (module, row) = row(&cells, &above);
        above.push(module.clone());
        assert!(table.insert(module.clone(), row).is_none(), "{module} has two rows");
    }
    assert!(!table.is_empty(), "there is no table with the columns {COLUMNS:?}");
    table
}

fn rows(markdown: &str) -> impl Iterator<Item = Vec<&str>> {
    markdown
        .lines()
        .map(cells)
        .skip_while(|cells| !cells.starts_with(&COLUMNS))
        // The headings, and the line under them.
        .skip(2)
        .take_while(|cells| !cells.is_empty())
}

/// The cells of a line; none where it is no line of a table.
fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim().strip_prefix('|').and_then(|line| line.strip_suffix('|'));
    inner.map(|line| line.split('|').map(str::trim).collect()).unwrap_or_default()
}

/// A row may only name modules of rows above it: so nothing goes round in circles.
fn row(cells: &[&str], above: &[String]) -> (String, Row) {
    let [module, imports, kind, ..] = cells else { panic!("too few cells: {cells:?}") };
    let module = module.trim_matches('`').to_owned();
    let imports = match *imports {
        "nothing" => Vec::new(),
        "all above" => above.to_vec(),
        list => list.split(", ").map(|name| name.trim_matches('`').to_owned()).collect(),
    };
    for import in &imports {
        assert!(above.contains(import), "{module} may import {import}, which is not above it");
    }
    let pure = match *kind {
        "pure" => true,
        "shell" => false,
        other => panic!("{module} is of the unknown kind {other:?}"),
    };
    (module, Row { imports, pure })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Text.\n\n| module | may import | kind | holds |\n|---|---|---|---|\n";

    fn table(lines: &str) -> BTreeMap<String, Row> {
        parse(&format!("{HEAD}{lines}\nMore | text.\n"))
    }

    #[test]
    fn a_row_lists_modules_or_takes_all_above() {
        let table = table(
            "| `domain` | nothing | pure | x |\n| `text` | nothing | pure | y |\n\
             | `store` | `domain`, `text` | shell | z |\n| `cli` | all above | shell | z |\n",
        );
        let imports: Vec<_> =
            table.iter().map(|(m, row)| (m.as_str(), row.imports.len())).collect();
        assert_eq!(imports, [("cli", 3), ("domain", 0), ("store", 2), ("text", 0)]);
        assert!(table["text"].pure && !table["store"].pure);
    }

    #[test]
    #[should_panic(expected = "not above it")]
    fn a_row_cannot_look_down() {
        table("| `text` | `domain` | pure | x |\n| `domain` | nothing | pure | y |\n");
    }

    #[test]
    #[should_panic(expected = "there is no table")]
    fn a_document_without_the_table_is_no_licence() {
        parse("| module | holds |\n|---|---|\n| `domain` | x |\n");
    }
}
