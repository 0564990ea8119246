// rmp-serde of Rust: lines of what an event holds in, events behind their lengths out.
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    Nothing(Option<String>),
    Text(String),
    Number(i64),
    Bytes(#[serde(serialize_with = "bytes")] Vec<u8>),
}

fn bytes<S: serde::Serializer>(value: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(value)
}

#[derive(Serialize)]
struct Event<'a> {
    id: &'a str,
    source: &'a str,
    r#type: &'a str,
    subject: &'a str,
    time: Option<&'a str>,
    data: BTreeMap<&'a str, Value>,
}

fn main() {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let part: Vec<&str> = line.split('\t').collect();
        let made = match part[4] {
            "nil" => Value::Nothing(None),
            "empty" => Value::Text(String::new()),
            "number" => Value::Number(part[5].parse().unwrap()),
            "bytes" => Value::Bytes(part[5].as_bytes().to_vec()),
            _ => Value::Text(part[5].to_string()),
        };
        let mut data = BTreeMap::new();
        data.insert("customer", Value::Text(format!("c-{}", part[0])));
        data.insert("channel", Value::Text("phone".to_string()));
        data.insert("unit", Value::Text("xj/urumqi/d3".to_string()));
        data.insert(part[3], made);
        let event = Event { id: part[0], source: "encoder", r#type: part[1], subject: part[2], time: None, data };
        let packed = rmp_serde::to_vec_named(&event).unwrap();
        out.write_all(&(packed.len() as u32).to_be_bytes()).unwrap();
        out.write_all(&packed).unwrap();
    }
}
