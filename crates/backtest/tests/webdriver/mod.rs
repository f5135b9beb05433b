//! Chromium, driven over WebDriver: plain HTTP on the loopback interface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

const CHROMIUM: &str = "/usr/bin/chromium";
const CHROMEDRIVER: &str = "/usr/bin/chromedriver";

/// Not a measure of speed: a browser that hangs must not hang the test for ever.
const HUNG: Duration = Duration::from_secs(120);

/// Whether there is a browser to drive.
pub fn is_installed() -> bool {
    Path::new(CHROMIUM).exists() && Path::new(CHROMEDRIVER).exists()
}

/// A browser with one window; ended when dropped.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// The browser's profile, which goes last.
    profile: TempDir,
}

impl Browser {
    pub fn start() -> Self {
        // Port 0: the system picks a free one, and the driver says which.
        let mut driver = Command::new(CHROMEDRIVER)
            .args(["--port=0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let output = driver.stdout.take().unwrap();
        let mut browser = Self { driver, port: 0, session: String::new(), profile: TempDir::new().unwrap() };
        browser.port = port(output);
        browser.open_session();
        browser
    }

    fn open_session(&mut self) {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &profile,
        ];
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments},
        }}});
        let answer = self.call("POST", "/session", &capabilities);
        self.session = answer["sessionId"].as_str().expect("a session").to_owned();
    }

    /// Makes the window that large, with that theme.
    pub fn look(&self, (width, height): (u32, u32), theme: &str, medium: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", size);
        let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
        self.devtools("Emulation.setEmulatedMedia", json!({"media": medium, "features": features}));
    }

    pub fn open(&self, file: &Path) {
        self.post("/url", json!({"url": format!("file://{}", file.display())}));
    }

    pub fn title(&self) -> String {
        let path = format!("/session/{}/title", self.session);
        self.call("GET", &path, &Value::Null).as_str().unwrap().to_owned()
    }

    /// What a script returns.
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []}))
    }

    /// What was written to the console since the last time it was asked for: level and text.
    pub fn console(&self) -> Vec<(String, String)> {
        let entries = self.post("/se/log", json!({"type": "browser"}));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let entries = entries.as_array().unwrap();
        entries.iter().map(|entry| (text(&entry["level"]), text(&entry["message"]))).collect()
    }

    fn devtools(&self, command: &str, parameters: Value) {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters}));
    }

    fn post(&self, command: &str, body: Value) -> Value {
        self.call("POST", &format!("/session/{}{command}", self.session), &body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = http(self.port, method, path, body).expect("the driver answers");
        let mut answer: Value = serde_json::from_str(&answer).expect("JSON");
        let value = answer["value"].take();
        if let Some(error) = value.get("error") {
            panic!("{method} {path}: {error}: {}", value["message"]);
        }
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Closes the browser; the driver alone would leave it running.
        if !self.session.is_empty() {
            let _ = http(self.port, "DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port that the driver says it listens on. What it says is read to the end, so that it never waits for a reader.
fn port(output: ChildStdout) -> u16 {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some((_, port)) = line.trim_end_matches('.').split_once("successfully on port ") {
                let _ = tell.send(port.parse().unwrap());
            }
        }
    });
    told.recv_timeout(HUNG).expect("chromedriver says on which port it listens")
}

/// The body of an answer.
fn http(port: u16, method: &str, path: &str, body: &Value) -> std::io::Result<String> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(HUNG))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: \
         {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 0 && line != "\r\n" {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
        line.clear();
    }
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer)?;
    String::from_utf8(answer).map_err(std::io::Error::other)
}
