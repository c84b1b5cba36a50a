//! What the store says to partitioned tables.

use super::*;
use crate::store::{Database, FILES, Store, testing};

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_and_reads_one_partition() {
    let Some(url) = testing::postgres::fresh() else { return };
    let Database::Server(address) = Database::at(&url).unwrap() else { panic!("not a server") };
    let store = Store::open(&Database::at(&url).unwrap()).unwrap();
    let tables = |address: &Address| {
        address.with(|client| async move {
            let indexes = "SELECT indexname::text, regexp_replace(indexdef, ' ON ONLY ', ' ON ') FROM pg_indexes
                           WHERE schemaname = 'public' ORDER BY 1";
            let rows = client.query(indexes, &[]).await?;
            Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect::<Vec<(String, String)>>())
        })
    };
    let before = tables(&address).unwrap();
    assert_eq!(keep(&address, "2026_11").unwrap().len(), 2, "and what is before, which is empty, is dropped");
    assert_eq!(keep(&address, "2026_12").unwrap().len(), 1);
    assert!(keep(&address, "2026_12").unwrap().is_empty());
    // a migration finds the same indexes under the same names
    assert_eq!(tables(&address).unwrap(), before);
    let refused = store.read(|tx| {
        let all = FILES.iter().flat_map(|(file, list)| list.iter().map(move |(name, sql)| (file, name, *sql)));
        let refused = all.filter_map(|(file, name, sql)| Some((file, name, tx.prepare(sql).err()?.to_string())));
        Ok::<_, StoreError>(refused.collect::<Vec<_>>())
    });
    assert_eq!(refused.await.unwrap(), []);
    let plan = address.with(|client| async move {
        let of = "EXPLAIN SELECT * FROM deliveries WHERE merchant_id = 'm' AND subject = 'invoice' AND number = 7 AND seq = 1";
        let rows = client.query(of, &[]).await?;
        Ok(rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n"))
    });
    let plan = plan.unwrap();
    assert!(plan.contains("deliveries_2026_12") && !plan.contains("Append"), "{plan}");
}
