import FoundationEssentials
import Glibc
public import Network

/// Where networks and the face detector's model are kept on this machine.
public struct ModelCache: Sendable {
    /// The folder itself.
    public let path: String
    /// A folder for all users, which is read where `path` lacks something; nil for none.
    public let shared: String?

    /// The network that new galleries get.
    public static let defaultNetwork = "sface"

    /// Networks that the set-up fetches, and can fetch again.
    public static let fetchedNetworks = [defaultNetwork, "dlib-resnet"]

    /// The environment variable that names the folder.
    public static let variable = "FACEGALLERY_CACHE"

    /// The folder that an administrator fills for all users.
    public static let sharedPath = "/var/lib/facegallery"

    /// The cache at a path of the caller's choice.
    public init(path: String, shared: String? = nil) {
        (self.path, self.shared) = (path, shared)
    }

    /// The user's cache: `FACEGALLERY_CACHE`, and nothing beside it; else `facegallery` in `XDG_CACHE_HOME`, else in
    /// `.cache` of `HOME`, or, where that is not set, of the home folder that the system knows of the user, and where
    /// something is not there, `/var/lib/facegallery`.
    public static var standard: ModelCache {
        if let path = environment(variable) { return ModelCache(path: path) }
        let caches = environment("XDG_CACHE_HOME") ?? (environment("HOME") ?? systemHome ?? "") + "/.cache"
        return ModelCache(path: caches + "/facegallery", shared: sharedPath)
    }

    /// YuNet, which finds faces for networks that take a template of five points.
    public var yuNet: String { found("detector/yunet.onnx") }
    /// The model that finds five landmarks in a face.
    public var landmarkModel: String { found("detector/shape_predictor_5_face_landmarks.dat") }

    /// The directory of a network, given by its name in this cache or by a path that holds a slash.
    public func directory(ofNetwork name: String) -> String {
        name.contains("/") ? name : found("networks/\(name)")
    }

    /// The directory that a network of this name is written to, or removed from, in this cache alone.
    public func ownDirectory(ofNetwork name: String) -> String {
        name.contains("/") ? name : "\(path)/networks/\(name)"
    }

    /// The path of something: in the shared folder if it is there and not here.
    private func found(_ place: String) -> String {
        let own = "\(path)/\(place)"
        guard let shared, unsafe access(own, F_OK) != 0, unsafe access("\(shared)/\(place)", F_OK) == 0 else {
            return own
        }
        return "\(shared)/\(place)"
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
        let names = Set(
            [path, shared].compactMap(\.self).flatMap { folder in
                (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/networks")) ?? []
            })
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
