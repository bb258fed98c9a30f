/// Files that belong together, as the user names them.
public enum ModelSet: String, CaseIterable, Sendable {
    /// SFace, the default network, with the face finder YuNet.
    case standard = "default"
    /// dlib's network and its model of five landmarks.
    case dlibResnet = "dlib-resnet"
    /// Sample photos of people in public office, to try the program on.
    case portraits
}

/// A file of the cache, and the archive that it is taken from.
struct WantedFile: Equatable {
    /// SHA-256 of the file, in hexadecimal.
    let digest: String
    let set: String
    /// The file name of the archive.
    let archive: String
    /// The file's path in the archive.
    let path: String
    /// Where it belongs in the cache.
    let place: String
}

/// An archive of PyPI's, of one version and content.
struct Archive: Equatable {
    let name: String
    let version: String
    /// SHA-256 of the archive, in hexadecimal.
    let digest: String

    /// The line by which pip asks for just this archive.
    var requirement: String { "\(name)==\(version) --hash=sha256:\(digest)" }

    /// Whether this is the archive of a file name, such as `face_recognition-1.3.0.tar.gz`.
    func isNamed(_ file: String) -> Bool {
        file == "\(name)-\(version).tar.gz" || file.hasPrefix("\(name)-\(version)-")
    }
}

/// The lists that say what is fetched, which `setup/fetch-models.sh` reads too.
enum ModelLists {
    /// Everything that can be fetched.
    static let files = lines(PackageResources.contents_txt).compactMap { line -> WantedFile? in
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 5 else { return nil }
        return WantedFile(digest: words[0], set: words[1], archive: words[2], path: words[3], place: words[4])
    }

    /// The archives that the files are in.
    static let archives = archives(
        PackageResources.requirements_txt + PackageResources.requirements_dlib_resnet_txt)

    /// What pip needs to look inside a source archive.
    static let buildTools = archives(PackageResources.build_requirements_txt)

    /// The cards of the networks that are fetched, by the networks' names.
    static let cards = ["sface": PackageResources.sface_json, "dlib-resnet": PackageResources.dlib_resnet_json]

    private static func archives(_ bytes: [UInt8]) -> [Archive] {
        lines(bytes).compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            let mark = "--hash=sha256:"
            let parts = words[0].split(separator: "==").map(String.init)
            guard words.count == 2, words[1].hasPrefix(mark), parts.count == 2 else { return nil }
            return Archive(
                name: parts[0], version: parts[1], digest: String(words[1].dropFirst(mark.count)))
        }
    }

    private static func lines(_ bytes: [UInt8]) -> [Substring] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .map { $0.prefix { $0 != "#" } }.filter { !$0.isEmpty }
    }
}
