#![allow(clippy::panic, reason = "tests")]

use super::*;

const PLACES: [&str; 6] = ["initializer", "attribute", "graph", "function", "sparse", "sparse_initializer"];

fn bytes(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn held(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// `bytes` in a field in a field …, the outermost first.
fn within(fields: &[u64], bytes: &[u8]) -> Vec<u8> {
    fields.iter().rev().fold(bytes.to_vec(), |bytes, field| held(*field, &bytes))
}

fn message(bytes: &[u8]) -> String {
    check(bytes).unwrap_err().to_string()
}

#[test]
fn tensors_inside_and_outside() {
    for place in PLACES {
        assert_eq!(check(&bytes(&format!("inside_{place}.onnx"))), Ok(()), "{place}");
        let error = check(&bytes(&format!("outside_{place}.onnx"))).unwrap_err();
        assert!(matches!(error, ModelError::NotCovered { .. }), "{place}: {error}");
        let message = error.to_string();
        assert!(message.contains("outside of its file (of the tensors \"two\""), "{place}: {message}");
        assert!(message.contains("onnx.save("), "{place}: {message}");
    }
    for name in ["value", "flat", "probability", "classes", "three", "zipmap", "labelled"] {
        assert_eq!(check(&bytes(&format!("{name}.onnx"))), Ok(()), "{name}");
    }
}

#[test]
fn every_place_of_a_tensor() {
    let tensor = [number(14, 1), held(8, b"w")].concat();
    let attributes = [[5].as_slice(), &[10], &[22, 1], &[22, 2], &[23, 1], &[23, 2]];
    let graphs =
        [[7].as_slice(), &[20, 1], &[20, 2], &[7, 1, 5, 6], &[7, 1, 5, 11], &[25, 7, 5, 6], &[25, 11, 11]];
    let mut places = Vec::new();
    for graph in graphs {
        for rest in [[5].as_slice(), &[15, 1], &[15, 2]] {
            places.push([graph, rest].concat());
        }
        places.extend(attributes.map(|rest| [graph, &[1, 5], rest].concat()));
    }
    for attribute in [[25, 7, 5].as_slice(), &[25, 11]] {
        places.extend(attributes.map(|rest| [attribute, rest].concat()));
    }
    assert_eq!(places.len(), 75);
    for place in places {
        let message = message(&within(&place, &tensor));
        assert!(message.contains("tensors \"w\")"), "{place:?}: {message}");
        assert_eq!(check(&within(&place, &held(8, b"w"))), Ok(()), "{place:?}");
    }
}

#[test]
fn every_way_of_being_outside() {
    for tensor in [
        number(14, 1),
        number(14, 2),
        // 1 for a reader of 32 bits.
        number(14, 1 << 32 | 1),
        // The last would hold.
        [number(14, 1), number(14, 0)].concat(),
        held(14, &[1]),
        held(13, &[]),
        held(13, &held(1, b"location")),
        number(13, 0),
        // A longer tag than it takes.
        vec![0xf0, 0x80, 0x00, 1],
    ] {
        let message = message(&within(&[7, 5], &tensor));
        assert!(message.contains("outside of its file (of the tensors \"\")"), "{tensor:x?}: {message}");
    }
    assert_eq!(check(&within(&[7, 5], &number(14, 0))), Ok(()));
    // A field that is a message and comes twice is one message for a reader.
    let attribute = [held(5, &held(8, b"w")), held(5, &number(14, 1))].concat();
    assert!(message(&within(&[7, 1, 5], &attribute)).contains("outside"));
}

#[test]
fn as_many_names_as_there_is_room_for() {
    let tensor = |name: &[u8]| held(5, &[held(8, name), number(14, 1)].concat());
    let graph: Vec<u8> = [&b"a"[..], b"b", b"\xff\n", &[b'd'; 50], b"e", b"f"].map(tensor).concat();
    let message = message(&held(7, &graph));
    let names = format!("\"a\", \"b\", \"\u{fffd}\\n\", {:?} and 2 more", "d".repeat(40));
    assert!(message.contains(&names), "{message}");
}

#[test]
fn operators_of_others() {
    let message_of = message(&bytes("foreign.onnx"));
    assert!(message_of.contains("not of ONNX (\"Gelu\" of \"com.microsoft\")"), "{message_of}");
    let node = |domain: &[u8]| within(&[7, 1], &[held(4, b"Op"), held(7, domain)].concat());
    let function = |domain: &[u8], name: &[u8]| held(25, &[held(1, name), held(10, domain)].concat());
    for domain in [&b""[..], b"ai.onnx", b"ai.onnx.ml"] {
        assert_eq!(check(&node(domain)), Ok(()));
    }
    for domain in [&b"local"[..], b"ai.onnx.preview.training", b"ai.onnx.ml ", b"AI.ONNX", b"\0"] {
        assert!(message(&node(domain)).contains("\"Op\" of "), "{domain:?}");
        // The function may come first.
        assert_eq!(check(&[function(domain, b"Op"), node(domain)].concat()), Ok(()));
        assert!(check(&[node(domain), function(domain, b"Other")].concat()).is_err());
        assert!(check(&[node(domain), function(b"other", b"Op")].concat()).is_err());
    }
    // What the runtime has is not made harmless by a function of its name.
    for domain in [&b"com.microsoft"[..], b"com.microsoft.nchwc"] {
        assert!(check(&[function(domain, b"Op"), node(domain)].concat()).is_err());
    }
    // In a graph within a function.
    let inner = [held(4, b"Op"), held(7, b"local")].concat();
    assert!(message(&within(&[25, 7, 5, 6, 1], &inner)).contains("\"Op\" of \"local\""));
}

#[test]
fn what_a_runtime_may_know_and_this_reader_does_not() {
    for (place, field, name) in [
        (&[][..], 27, "model"),
        (&[20], 5, "training info"),
        (&[25], 15, "function"),
        (&[7], 17, "graph"),
        (&[7, 1], 11, "node"),
        (&[7, 1, 5], 24, "attribute"),
        (&[7, 5], 17, "tensor"),
        (&[7, 15], 4, "sparse tensor"),
    ] {
        let message = message(&within(place, &number(field, 0)));
        assert!(message.contains(&format!("field {field} of an ONNX {name} is not covered")), "{message}");
    }
    // A flatbuffer for ONNX Runtime, and a message all the same.
    let both = [&[0x12, 0x0a, 0, 0][..], b"ORTM", &[0; 4]].concat();
    assert_eq!(Fields::new(&both).filter(Result::is_err).count(), 0);
    assert!(message(&both).contains(".ort"));
}

#[test]
fn bytes_that_are_no_model() {
    for (bytes, expected) in [
        (b"{}".to_vec(), "ONNX model: model: expected a message of Protocol Buffers, found"),
        (vec![0xff; 4], "an end within a number"),
        (number(7, 1), "ONNX model: model: expected a message of ONNX, found a number as field 7"),
        (within(&[7, 1], &number(7, 1)), "ONNX model: node: expected a message of ONNX"),
        (within(&[7, 5], &number(8, 1)), "ONNX model: tensor: expected a message of ONNX"),
        (
            within(&[7, 5], &[0x6b]),
            "ONNX model: tensor: expected a message of Protocol Buffers, found a group",
        ),
    ] {
        let message = message(&bytes);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn nested_too_deep() {
    // The model is one; a graph, a node and an attribute each are another.
    let graphs = |count: usize| within(&[&[7][..], &[1, 5, 6].repeat(count)].concat(), b"");
    assert_eq!(check(&graphs(32)), Ok(()));
    let bomb = graphs(33);
    let message_of = message(&bomb);
    assert!(message_of.contains("at most 100 messages within one another"), "{message_of}");
    assert!(message(&graphs(20_000)).contains("at most 100"));
}

/// The whole messages that a model begins with are models; nothing else of it is.
#[test]
fn cut_at_every_length() {
    for name in ["value", "inside_function", "inside_graph", "labelled"] {
        let whole = bytes(&format!("{name}.onnx"));
        let fields = Fields::new(&whole).count();
        let prefixes = (0..=whole.len()).filter(|length| {
            // Without the functions that come last their operators are of no one.
            !matches!(check(&whole[..*length]), Err(ModelError::Invalid { .. }))
        });
        assert_eq!(prefixes.count(), fields + 1, "{name}");
    }
}

/// Never a panic. A changed byte makes a text of a graph, and its tensors no tensors: some pass.
#[test]
fn every_byte_changed() {
    for place in PLACES {
        for side in ["inside", "outside"] {
            let whole = bytes(&format!("{side}_{place}.onnx"));
            let (mut passed, mut refused) = (0, 0);
            for index in 0..whole.len() {
                let mut changed = whole.clone();
                for byte in 0..=u8::MAX {
                    changed[index] = byte;
                    match check(&changed) {
                        Ok(()) => passed += 1,
                        Err(_) => refused += 1,
                    }
                }
            }
            assert!(
                refused > passed || side == "inside",
                "{side} {place}: {passed} passed, {refused} refused"
            );
            assert!(passed > 0 && refused > 0, "{side} {place}: {passed} passed, {refused} refused");
        }
    }
}
