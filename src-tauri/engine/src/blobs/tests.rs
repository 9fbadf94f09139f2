use super::*;

fn place() -> (tempfile::TempDir, Blobs) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let blobs = Blobs::of(&folder.path().join("W.amtia"), &Zeroizing::new([7; 32]));
    (folder, blobs)
}

fn store(blobs: &Blobs, content: &[u8], piece: usize) -> Sha256 {
    let mut upload = blobs.begin().expect("begun");
    for piece in content.chunks(piece) {
        upload.write(piece).expect("written");
    }
    let mut staged = upload.finish().expect("whole");
    staged.pledge();
    let sha256 = staged.sha256;
    staged.keep();
    sha256
}

fn names(blobs: &Blobs) -> Vec<String> {
    let entries = fs::read_dir(&blobs.folder).map(|entries| entries.filter_map(Result::ok).collect()).unwrap_or_else(|_| Vec::new());
    let mut names: Vec<String> = entries.into_iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|place| u8::try_from(place * 31 % 251).expect("below 251")).collect()
}

#[test]
fn content_of_any_length_comes_back_as_it_was_and_lies_on_the_disk_as_nothing_of_it() {
    let (_folder, blobs) = place();
    for length in [1, 15, 16, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK * 2, CHUNK * 3 + 5] {
        for piece in [7000, CHUNK, CHUNK * 4] {
            let plain = content(length);
            let sha256 = store(&blobs, &plain, piece);
            assert_eq!(sha256, crypto::sha256(&[&plain]), "the hash is that of the plain content");
            let back: Vec<u8> = blobs.open(&sha256).expect("opened").flat_map(|chunk| chunk.expect("a chunk")).collect();
            assert_eq!(back, plain, "{length} in pieces of {piece}");
            blobs.check(&sha256, length as u64).expect("sound");
            assert!(blobs.check(&sha256, length as u64 + 1).is_err(), "another size is no match");
        }
    }
    assert_eq!(names(&blobs).len(), 8, "the same content is kept once");
    let text = b"a secret that would be found on the disk".repeat(2000);
    let sha256 = store(&blobs, &text, 4096);
    for name in names(&blobs) {
        let bytes = fs::read(blobs.folder.join(&name)).expect("read");
        assert!(!bytes.windows(16).any(|window| window == &text[..16]), "no plain text on the disk");
        assert!(!name.contains(&crypto::hex(&sha256)), "nor a hash of it as a name");
    }
    let other = Blobs { folder: blobs.folder.clone(), ..Blobs::of(Path::new("x"), &Zeroizing::new([8; 32])) };
    assert_ne!(other.name(&sha256), blobs.name(&sha256), "another key gives another name");
}

#[test]
fn every_flipped_bit_every_cut_and_every_exchange_is_noticed() {
    let (_folder, blobs) = place();
    let plain = content(CHUNK * 2 + 100);
    let sha256 = store(&blobs, &plain, CHUNK);
    let path = blobs.folder.join(blobs.name(&sha256));
    let whole = fs::read(&path).expect("read");
    let mut tampered: Vec<(String, Vec<u8>)> = Vec::new();
    for place in (0..whole.len()).step_by(997).chain(0..HEAD).chain(whole.len() - 20..whole.len()) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        tampered.push((format!("a bit of byte {place}"), bytes));
    }
    let sealed = CHUNK + crypto::TAG;
    for length in [0, 1, HEAD, HEAD + crypto::TAG, HEAD + sealed, HEAD + sealed * 2, whole.len() - 1] {
        tampered.push((format!("cut at {length}"), whole[..length].to_vec()));
    }
    tampered.push(("more at the end".into(), [whole.as_slice(), b"x"].concat()));
    let (first, second) = (&whole[HEAD..HEAD + sealed], &whole[HEAD + sealed..HEAD + sealed * 2]);
    tampered.push(("chunks exchanged".into(), [&whole[..HEAD], second, first, &whole[HEAD + sealed * 2..]].concat()));
    tampered.push(("a chunk dropped".into(), [&whole[..HEAD], second, &whole[HEAD + sealed * 2..]].concat()));
    let other = store(&blobs, b"other content", 100);
    tampered.push(("another file".into(), fs::read(blobs.folder.join(blobs.name(&other))).expect("read")));
    for (what, bytes) in tampered {
        fs::write(&path, bytes).expect("written");
        let cause = blobs.check(&sha256, plain.len() as u64).expect_err(&what);
        assert_eq!(cause.kind(), io::ErrorKind::InvalidData, "{what}");
    }
    assert_eq!(blobs.check(&sha256, 0).expect_err("damaged").kind(), io::ErrorKind::InvalidData);
    store(&blobs, &plain, CHUNK);
    blobs.check(&sha256, plain.len() as u64).expect("storing the content again heals it");
    fs::remove_file(&path).expect("removed");
    assert_eq!(blobs.check(&sha256, plain.len() as u64).expect_err("missing").kind(), io::ErrorKind::NotFound);
}

#[test]
fn what_is_given_up_leaves_nothing_and_what_a_crash_leaves_is_settled() {
    let (_folder, blobs) = place();
    let mut upload = blobs.begin().expect("begun");
    upload.write(&content(CHUNK * 2)).expect("written");
    assert_eq!((names(&blobs).len(), upload.size()), (1, CHUNK as u64 * 2), "it is on its way");
    drop(upload);
    assert!(names(&blobs).is_empty(), "half a file is gone");
    let mut upload = blobs.begin().expect("begun");
    upload.write(b"x").expect("written");
    drop(upload.finish().expect("whole"));
    assert!(names(&blobs).is_empty(), "and a whole one without a record");

    let staged = |content: &[u8]| {
        let mut upload = blobs.begin().expect("begun");
        upload.write(content).expect("written");
        let mut staged = upload.finish().expect("whole");
        staged.pledge();
        staged.sha256
    };
    let (known, unknown) = (staged(b"known"), staged(b"unknown"));
    let mut part = blobs.begin().expect("begun");
    part.write(b"cut off").expect("written");
    std::mem::forget(part);
    let kept = store(&blobs, b"kept before", 100);
    fs::write(blobs.folder.join("notes.txt"), b"somebody else's").expect("written");
    blobs.check(&known, 5).expect("found before it has its name");
    let name = blobs.name(&known);
    blobs.settle(|asked| asked == name);
    blobs.check(&known, 5).expect("what a record speaks of is kept");
    assert_eq!(blobs.check(&unknown, 7).expect_err("the rest is gone").kind(), io::ErrorKind::NotFound);
    let mut expected = vec![name, blobs.name(&kept), "notes.txt".to_owned()];
    expected.sort();
    assert_eq!(names(&blobs), expected, "under their names, and nothing else is touched");
}

#[test]
fn a_copy_opens_under_the_same_key() {
    let (folder, blobs) = place();
    let (one, two) = (store(&blobs, b"one", 100), store(&blobs, b"two", 100));
    let target = folder.path().join("copy.amtia");
    blobs.copy_to(&target, &[one]).expect("copied");
    let copy = Blobs::of(&target, &Zeroizing::new([7; 32]));
    copy.check(&one, 3).expect("it is there");
    assert!(copy.check(&two, 3).is_err(), "only what was asked for");
    assert!(blobs.copy_to(&target, &[[9; 32]]).is_err(), "what is missing is told");
    assert_eq!(sha256_of(&crypto::hex(&one)), Some(one));
    for wrong in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
        assert_eq!(sha256_of(wrong), None, "{wrong}");
    }
}
