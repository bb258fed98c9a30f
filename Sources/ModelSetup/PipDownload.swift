internal import Files
internal import FoundationEssentials

/// Downloads archives of PyPI's with pip, the registry's own client.
///
/// pip knows mirrors, proxies and certificates from the user's settings (`pip.conf`, `PIP_INDEX_URL`, `HTTPS_PROXY`),
/// compares every archive with its SHA-256 before it opens it, and tries again where a connection breaks.
struct PipDownload {
    /// How pip is started.
    private let pip: [String]

    /// Seconds after which a download is given up.
    private static let patience = 1800
    /// Blocks of 512 bytes that a file of pip's may have: 256 MiB.
    private static let largestFile = 1 << 19
    private static let wheels = "/usr/share/python-wheels"

    /// Finds pip: the one that `python3` has, or the one that Debian keeps for virtual environments.
    ///
    /// - Throws: `.noPip`.
    init(in scratch: ScratchFolder) throws(SetupError) {
        let own = try ChildProgram.run(["python3", "-m", "pip", "--version"], in: scratch)
        guard let own else { throw .noPip }
        if own.code == 0 {
            pip = ["python3", "-m", "pip"]
            return
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Self.wheels)) ?? []
        guard let wheel = names.filter({ $0.hasPrefix("pip-") && $0.hasSuffix(".whl") }).max() else {
            throw .noPip
        }
        pip = ["python3", "\(Self.wheels)/\(wheel)/pip"]
    }

    /// Downloads an archive into a scratch folder, under the name that PyPI gives it.
    ///
    /// - Parameter isSource: whether it is a source archive, which pip looks into with setuptools.
    func fetch(_ archive: Archive, isSource: Bool, into scratch: ScratchFolder) throws(SetupError) {
        guard isSource else { return try fetch([archive], ["--only-binary", ":all:"], [], scratch) }
        try fetch(ModelLists.buildTools, ["--only-binary", ":all:"], [], scratch)
        let names = try files { () throws(FileError) in try scratch.folder.names() }
        let tools = names.filter { name in ModelLists.buildTools.contains { $0.isNamed(name) } }
            .map { "\(scratch.path)/\($0)" }.joined(separator: ":")
        try fetch(
            [archive], ["--no-build-isolation", "--no-binary", ":all:"], ["PYTHONPATH=\(tools)"], scratch)
    }

    private func fetch(
        _ archives: [Archive], _ options: [String], _ settings: [String], _ scratch: ScratchFolder
    ) throws(SetupError) {
        let list = archives.map { $0.requirement + "\n" }.joined()
        try files { () throws(FileError) in
            try ScratchFile.replace("requirements", in: scratch.folder, with: Array(list.utf8))
        }
        let words =
            [
                "timeout", "--foreground", "--kill-after=5", "\(Self.patience)", "sh", "-c",
                #"ulimit -f "$1" && shift && exec "$@""#, "sh", "\(Self.largestFile)",
            ] + pip
            + [
                "download", "--quiet", "--no-deps", "--no-cache-dir", "--no-input", "--require-hashes",
                "-r", "\(scratch.path)/requirements", "-d", scratch.path,
            ] + options
        let name = archives.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
        let outcome = try ChildProgram.run(
            words,
            settings: settings + [
                "PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_ROOT_USER_ACTION=ignore", "PYTHONDONTWRITEBYTECODE=1",
            ], in: scratch)
        guard let outcome else { throw .program(name: "timeout", reason: "it is not installed (coreutils)") }
        guard outcome.code == 0 else {
            throw .download(archive: name, reason: Self.reason(outcome))
        }
    }

    /// What pip says of its failure: its lines from the first error on, in one.
    private static func reason(_ outcome: ChildProgram.Outcome) -> String {
        if outcome.code == 124 || outcome.code == 137 { return "pip did not end within \(patience) seconds" }
        let lines = outcome.errors.split(separator: "\n").map { $0.trimming { $0 == " " } }
        let errors = lines.drop { !$0.hasPrefix("ERROR") }
        let said = (errors.isEmpty ? lines.suffix(1) : errors.prefix(8)).joined(separator: " ")
        return said.isEmpty ? "pip ended with code \(outcome.code)" : "pip says: \(said)"
    }
}

extension Substring {
    /// The text without characters of a kind at its ends.
    fileprivate func trimming(_ isSuperfluous: (Character) -> Bool) -> Substring {
        let start = drop(while: isSuperfluous)
        guard let last = start.lastIndex(where: { !isSuperfluous($0) }) else { return start.prefix(0) }
        return start[...last]
    }
}
