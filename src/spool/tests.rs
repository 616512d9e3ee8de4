use super::*;

fn record(n: usize) -> Record {
    Record { hook: Hook::Telegram, bot: Some("77".to_owned()), body: format!("body\n{n}").into() }
}

fn ring() -> MasterKeys {
    MasterKeys::parse(&MasterKeys::generate()).unwrap()
}

fn all(spool: &Spool) -> Vec<Record> {
    let mut records = Vec::new();
    while let Some((number, more)) = spool.oldest().unwrap() {
        records.extend(more);
        spool.done(number).unwrap();
    }
    records
}

#[test]
fn what_waits_survives_its_process_in_order_and_leaves_nothing_behind() {
    let (folder, ring) = (tempfile::tempdir().unwrap(), ring());
    let spool = Spool::open(folder.path(), &ring).unwrap();
    assert!(!spool.follow(&record(0)).unwrap(), "nothing waits");
    for n in 0..3 {
        spool.append(&record(n)).unwrap();
    }
    drop(spool);
    let spool = Spool::open(folder.path(), &ring).unwrap();
    assert!(spool.follow(&record(3)).unwrap());
    assert_eq!(all(&spool), (0..4).map(record).collect::<Vec<_>>());
    assert!(spool.is_empty());
    assert_eq!(spool.bytes(), 0);
    assert_eq!(fs::read_dir(folder.path().join("spool")).unwrap().count(), 0);
}

#[test]
fn a_torn_end_costs_only_what_was_never_acknowledged() {
    let (folder, ring) = (tempfile::tempdir().unwrap(), ring());
    let spool = Spool::open(folder.path(), &ring).unwrap();
    spool.append(&record(0)).unwrap();
    let path = spool.0.path(0);
    let whole = fs::read(&path).unwrap().len();
    spool.append(&record(1)).unwrap();
    let bytes = fs::read(&path).unwrap();
    for end in whole..bytes.len() {
        assert_eq!(spool.0.records(&bytes[..end]), [record(0)], "cut at {end}");
    }
}

#[test]
fn what_waits_is_not_readable_on_disk() {
    let (folder, ring) = (tempfile::tempdir().unwrap(), ring());
    let spool = Spool::open(folder.path(), &ring).unwrap();
    spool.append(&record(0)).unwrap();
    let bytes = fs::read(spool.0.path(0)).unwrap();
    assert!(!bytes.windows(4).any(|window| window == b"body"));
    assert!(Spool::open(folder.path(), &self::ring()).unwrap().0.records(&bytes).is_empty());
}

#[test]
fn the_spool_has_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path(), &ring()).unwrap();
    spool.0.state.lock().bytes = BYTES_MAX;
    assert!(matches!(spool.append(&record(0)), Err(SpoolError::Full)));
}
