import FoundationEssentials
import Glibc
public import Network

/// Where networks and the face detector's model are kept on this machine.
public struct ModelCache: Sendable {
    /// The folder itself.
    public let path: String

    /// The network that new galleries get.
    public static let defaultNetwork = "sface"

    /// Networks that the set-up fetches, and can fetch again.
    public static let fetchedNetworks = [defaultNetwork, "dlib-resnet"]

    /// The cache at a path of the caller's choice.
    public init(path: String) {
        self.path = path
    }

    /// The user's cache: `FACEGALLERY_CACHE`, else `facegallery` in `XDG_CACHE_HOME`, else in `.cache` of `HOME`, or,
    /// where that is not set, of the home folder that the system knows of the user.
    public static var standard: ModelCache {
        if let path = environment("FACEGALLERY_CACHE") { return ModelCache(path: path) }
        let caches = environment("XDG_CACHE_HOME") ?? (environment("HOME") ?? systemHome ?? "") + "/.cache"
        return ModelCache(path: caches + "/facegallery")
    }

    /// YuNet, which finds faces for networks that take a template of five points.
    public var yuNet: String { path + "/detector/yunet.onnx" }
    /// The model that finds five landmarks in a face.
    public var landmarkModel: String { path + "/detector/shape_predictor_5_face_landmarks.dat" }

    /// The directory of a network, given by its name in this cache or by a path that holds a slash.
    public func directory(ofNetwork name: String) -> String {
        name.contains("/") ? name : "\(path)/networks/\(name)"
    }

    /// Makes the folder that networks of the cache are written to, where it is missing.
    ///
    /// - Throws: `GalleryError.network` where it cannot be made.
    public func makeNetworksFolder() throws(GalleryError) {
        do {
            try FileManager.default.createDirectory(
                atPath: "\(path)/networks", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw .network(.cannotWrite(path: "\(path)/networks", reason: "the folder cannot be created"))
        }
    }

    /// The names of the networks in this cache, sorted; a folder counts that holds a card, whether it is good or not.
    public func networkNames() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/networks")) ?? []
        return names.filter { FileManager.default.fileExists(atPath: directory(ofNetwork: $0) + "/card.json") }
            .sorted()
    }

    /// The card of a network, without reading its weights.
    ///
    /// - Throws: `GalleryError.network`, which names the file that is missing or wrong.
    public func card(ofNetwork name: String) throws(GalleryError) -> NetworkCard {
        try wrap { () throws(NetworkError) in try NetworkCard.load(directory: directory(ofNetwork: name)) }
    }

    /// The user's home folder in the system's list of users; nil for a user without an entry.
    private static let systemHome: String? = {
        var (entry, found) = unsafe (passwd(), UnsafeMutablePointer<passwd>?.none)
        var texts = [CChar](repeating: 0, count: 1 << 14)
        let count = texts.count
        guard unsafe getpwuid_r(geteuid(), &entry, &texts, count, &found) == 0, unsafe found != nil,
            let home = unsafe entry.pw_dir
        else { return nil }
        return unsafe String(cString: home)
    }()

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}
