//! The model that other tests run on is fetched once and is what the catalogue says.

use vivavoce::catalog::{Catalog, Shelf};

#[allow(unreachable_pub, reason = "shared with other tests")]
mod common {
    pub mod test_model;
}

#[test]
fn the_small_model_is_fetched_and_right() {
    let path = common::test_model::smollm2();
    assert_eq!(common::test_model::smollm2(), path);
    let catalog = Catalog::builtin();
    let shelf = Shelf::new(path.parent().unwrap());
    shelf.verify(catalog.get("smollm2-135m").unwrap(), &mut |_| ()).unwrap();
}
