//! A small disk of a test's own, which can be filled and made read-only: a file system in memory, mounted where only those see it who
//! step inside. That takes no rights where users may make namespaces of their own, and none but root's elsewhere.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug)]
pub struct SmallDisk {
    /// The disk is there as long as this runs.
    holder: Child,
    mounted_at: PathBuf,
    /// The command that runs another one where the disk is seen.
    pub inside: Vec<String>,
    /// The disk, as this process sees it.
    pub path: PathBuf,
}

impl SmallDisk {
    /// `None`, said loudly, where it cannot be mounted.
    pub fn mount(mebibytes: u32) -> Option<SmallDisk> {
        let own_user = (["-Urm"].as_slice(), ["-U", "-m", "--preserve-credentials"].as_slice());
        let root = (["-m"].as_slice(), ["-m"].as_slice());
        let disk = [own_user, root].into_iter().find_map(|(unshare, enter)| Self::try_mount(mebibytes, unshare, enter));
        if disk.is_none() {
            let what = "no disk can be mounted here: neither user namespaces nor root's right to mount";
            assert!(std::env::var_os("LOCKGATE_REQUIRE_ALL").is_none(), "{what}");
            eprintln!("SKIPPED: {what}");
        }
        disk
    }

    fn try_mount(mebibytes: u32, unshare: &[&str], enter: &[&str]) -> Option<SmallDisk> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("lockgate-disk-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mounted_at = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&mounted_at).unwrap();
        let script = "mount -t tmpfs -o size=\"$1\" tmpfs \"$0\" && echo mounted && exec cat";
        let mut holder = Command::new("unshare")
            .args(unshare)
            .args(["sh", "-c", script])
            .arg(&mounted_at)
            .arg(format!("{mebibytes}m"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut said = String::new();
        let _ = BufReader::new(holder.stdout.take()?).read_line(&mut said);
        let id = holder.id().to_string();
        let path = PathBuf::from(format!("/proc/{id}/root")).join(mounted_at.strip_prefix("/").unwrap());
        let inside = ["nsenter", "-t", &id].iter().chain(enter).chain(&["--"]).map(ToString::to_string).collect();
        let disk = SmallDisk { holder, mounted_at, inside, path };
        (said.trim() == "mounted" && disk.run(&["true"])).then_some(disk)
    }

    fn run(&self, command: &[&str]) -> bool {
        let (first, rest) = self.inside.split_first().unwrap();
        Command::new(first).args(rest).args(command).status().is_ok_and(|status| status.success())
    }

    /// Writes until nothing more fits.
    pub fn fill(&self) {
        let mut file = std::fs::File::create(self.path.join("ballast")).unwrap();
        let mut size = 64 << 10;
        while size >= 512 {
            while file.write_all(&vec![7; size]).is_ok() {}
            size /= 2;
        }
        assert!(file.write_all(&[7; 512]).unwrap_err().kind() == std::io::ErrorKind::StorageFull);
    }

    pub fn free(&self) {
        std::fs::remove_file(self.path.join("ballast")).unwrap();
    }

    /// Read-only from now on, or no longer. Linux refuses it while a file is open for writing.
    pub fn read_only(&self, read_only: bool) {
        let how = if read_only { "remount,ro" } else { "remount,rw" };
        assert!(self.run(&["mount", "-o", how, self.mounted_at.to_str().unwrap()]), "{how}");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
        let _ = std::fs::remove_dir(&self.mounted_at);
    }
}
