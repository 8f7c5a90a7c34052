//! The model that other tests run on is fetched once and is what the catalogue says.

use vivavoce::catalog::{Catalog, Shelf};

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod models;
}

#[test]
fn the_small_model_is_fetched_and_right() {
    let path = common::models::small_model();
    assert_eq!(common::models::small_model(), path);
    let catalog = Catalog::builtin();
    let shelf = Shelf::new(path.parent().unwrap());
    shelf.verify(&catalog.get("smollm2-135m").unwrap().artifact(), &mut |_| ()).unwrap();
}
