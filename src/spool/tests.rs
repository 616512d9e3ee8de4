use super::*;

fn record(n: usize) -> Record {
    let (bot, body) = (Some("77".to_owned()), format!("body\n{n}").into());
    Record { hook: Hook::Telegram, bot, body, trace: None }
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
        assert_eq!(spool.0.records(0, &bytes[..end]), [record(0)], "cut at {end}");
    }
}

#[test]
fn what_waits_is_not_readable_on_disk() {
    let (folder, ring) = (tempfile::tempdir().unwrap(), ring());
    let spool = Spool::open(folder.path(), &ring).unwrap();
    spool.append(&record(0)).unwrap();
    let bytes = fs::read(spool.0.path(0)).unwrap();
    assert!(!bytes.windows(4).any(|window| window == b"body"));
    assert!(Spool::open(folder.path(), &self::ring()).unwrap().0.records(0, &bytes).is_empty());
}

#[test]
fn the_spool_has_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path(), &ring()).unwrap();
    spool.0.state.lock().bytes = BYTES_MAX;
    assert!(matches!(spool.append(&record(0)), Err(SpoolError::Full)));
}

#[test]
fn what_waits_is_part_of_its_trace_as_long_as_its_process_lives() {
    let (folder, ring) = (tempfile::tempdir().unwrap(), ring());
    let spool = Spool::open(folder.path(), &ring).unwrap();
    let recorded = |id| Record { trace: Some(Trace { id, span: 1 }), ..record(0) };
    let told = [record(0), recorded(1), record(1), recorded(2)];
    for record in &told {
        spool.append(record).unwrap();
    }
    let (number, records) = spool.oldest().unwrap().unwrap();
    assert_eq!(records, told);
    spool.done(number).unwrap();
    assert!(spool.0.state.lock().traces.is_empty());

    spool.append(&recorded(3)).unwrap();
    let size = fs::read(spool.0.path(0)).unwrap().len();
    drop(spool);
    let spool = Spool::open(folder.path(), &ring).unwrap();
    assert_eq!(all(&spool), [record(0)]);
    spool.append(&record(0)).unwrap();
    assert_eq!(fs::read(spool.0.path(0)).unwrap().len(), size, "nothing of it is on disk");
}

#[test]
fn no_more_traces_are_known_than_this() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path(), &ring()).unwrap();
    spool.0.state.lock().traces =
        (0..TRACES_MAX as u64).map(|n| ((9, n), Trace { id: 1, span: 1 })).collect();
    let recorded = Record { trace: Some(Trace { id: 2, span: 2 }), ..record(0) };
    spool.append(&recorded).unwrap();
    assert_eq!(all(&spool), [record(0)]);
}
