public import GalleryModel
import Glibc
public import Network
import TemplateStore

/// A gallery of faces: enrol references of subjects, and find out who a probe is.
///
/// ```swift
/// let gallery = try FaceGallery(at: "faces")
/// let encoder = try PhotoEncoder()
/// for face in try encoder.faces(in: .path("party.jpg")) {
///     let answer = try gallery.identify(face.template)
///     print(answer.decision, answer.candidates.first?.subject ?? "nobody")
/// }
/// ```
///
/// Any number of threads may use one instance, and any number of processes one gallery. Every call sees what was
/// committed before it began.
public final class FaceGallery: Sendable {
    /// The storage of the templates.
    let storage: any GalleryStorage
    /// Where the gallery is, for messages.
    let name: String
    /// The card of the gallery's network, if that network is installed here.
    public let card: NetworkCard?
    /// Where that network is: inside the gallery, or in the cache.
    public let networkDirectory: String?
    /// The calibration as it was last read.
    let calibrations = CalibrationMemory()
    /// Why the gallery's network cannot be read, where one is there.
    private let networkFault: GalleryError?

    /// The network name of galleries whose templates are made by another program.
    public static let givenTemplates = "given-templates"

    /// The newest format of galleries that this program reads and writes; `docs/format.md` describes it.
    public static var newestFormat: Int { TemplateStore.newestFormat }

    /// Dimension and network, fixed when the gallery was made.
    public var settings: StoreSettings { storage.settings }

    /// Makes an empty gallery for templates of one network.
    ///
    /// - Parameters:
    ///   - path: a directory that is not there yet; its parent must be.
    ///   - card: the card of the network, whose name and identity the gallery records.
    ///   - keepsChips: whether references may have chips, pictures of their faces.
    /// - Throws: `.store` if something is already at `path`, or it cannot be written.
    public static func create(
        at path: String, network card: NetworkCard, keepsChips: Bool = false
    ) throws(GalleryError) {
        try create(
            at: path,
            StoreSettings(
                dimension: card.dimension, networkName: card.name, networkFingerprint: card.fingerprint,
                keepsChips: keepsChips))
    }

    /// Makes an empty gallery with a copy of a network inside, for templates of that network.
    ///
    /// The gallery keeps working when the network's directory is moved, changed or removed.
    ///
    /// - Parameters:
    ///   - path: a directory that is not there yet; its parent must be.
    ///   - directory: a network's, as training writes it.
    ///   - keepsChips: whether references may have chips, pictures of their faces.
    /// - Throws: `.network` for a network that cannot be used, and as `create(at:network:)`.
    @discardableResult
    public static func create(
        at path: String, networkDirectory directory: String, keepsChips: Bool = false
    ) throws(GalleryError) -> NetworkCard {
        // Opened whole, so that a gallery is only made for a network that runs.
        let card = try wrap { () throws(NetworkError) in try EmbeddingNetwork(directory: directory).card }
        try GalleryCreation.create(
            at: path,
            StoreSettings(
                dimension: card.dimension, networkName: card.name, networkFingerprint: card.fingerprint,
                keepsChips: keepsChips),
            withNetwork: directory)
        return card
    }

    static func networkCopy(in path: String) -> String {
        path.hasSuffix("/") ? path + "network" : path + "/network"
    }

    /// Makes an empty gallery for templates that another program makes.
    ///
    /// - Parameters:
    ///   - path: a directory that is not there yet; its parent must be.
    ///   - dimension: numbers in a template, a multiple of 4 from 16 to 2,048.
    public static func create(at path: String, dimension: Int) throws(GalleryError) {
        try create(
            at: path,
            StoreSettings(dimension: dimension, networkName: givenTemplates, networkFingerprint: givenTemplates)
        )
    }

    private static func create(at path: String, _ settings: StoreSettings) throws(GalleryError) {
        _ = try wrap { () throws(StoreError) in try TemplateStore.create(at: path, settings: settings) }
    }

    /// Opens a gallery on disk.
    ///
    /// - Parameters:
    ///   - path: the gallery's directory.
    ///   - readOnly: subjects and references cannot be changed, and permission to write is not needed. Where there is
    ///     permission, a search that had to train or catch up still saves the index for others.
    ///   - tolerant: opens also where single records are damaged, to check, repair and remove.
    ///   - models: where networks are kept; the gallery's own gives the default threshold.
    public convenience init(
        at path: String, readOnly: Bool = false, tolerant: Bool = false, models: ModelCache = .standard
    ) throws(GalleryError) {
        let storage = try wrap { () throws(StoreError) in
            try LocalStorage(at: path, readOnly: readOnly, tolerant: tolerant)
        }
        let network = GalleryNetwork.find(path, storage.settings, models)
        self.init(
            storage: storage, name: path, card: network.card, networkDirectory: network.directory,
            networkFault: network.fault)
    }

    /// A gallery over any storage.
    public init(
        storage: any GalleryStorage, name: String, card: NetworkCard?, networkDirectory: String? = nil,
        networkFault: GalleryError? = nil
    ) {
        self.networkDirectory = networkDirectory
        self.networkFault = networkFault
        self.storage = storage
        self.name = name
        self.card = card
    }

    /// The default similarity from which on two faces match, with the error rate that was measured at it.
    public var verificationThreshold: NetworkCard.Threshold? { card?.threshold }

    /// Refuses to work with a gallery whose network is there and cannot be read: without its card no threshold is
    /// known, and every answer would be `unknown`.
    ///
    /// - Throws: `.network`, which names the file, or `.otherNetwork`.
    public func requireCard() throws(GalleryError) {
        if let networkFault { throw networkFault }
    }

    /// Refuses templates of another network.
    ///
    /// - Throws: `.otherNetwork`, which names both, and what differs between them.
    public func requireNetwork(_ other: NetworkCard) throws(GalleryError) {
        try requireNetwork(other.name, recordedAs: other.fingerprint, NetworkIdentity(other))
    }

    /// Refuses templates of another network than the gallery's.
    ///
    /// The gallery's copy of its network, or the network of that name in the cache, says what the gallery's is. Where
    /// neither is there, what the gallery recorded is compared: of galleries of earlier versions that is the weights
    /// alone.
    ///
    /// - Parameters:
    ///   - other: the name of the network that made the templates.
    ///   - fingerprint: what was recorded of that network.
    ///   - identity: what that network is, where the templates carry it.
    /// - Throws: `.otherNetwork`, which names both, and what differs between them where both are known.
    public func requireNetwork(
        _ other: String, recordedAs fingerprint: String, _ identity: NetworkIdentity?
    ) throws(GalleryError) {
        let own = card.map { NetworkIdentity($0) }
        let isSame =
            switch (own, identity) {
            case (let own?, let identity?): own == identity
            case (let own?, nil): own.isRecorded(as: fingerprint)
            case (nil, let identity):
                fingerprint == settings.networkFingerprint
                    || identity?.isRecorded(as: settings.networkFingerprint) == true
            }
        guard !isSame else { return }
        var differences: [String] = []
        if let own, let identity { differences = own.differences(from: identity) }
        throw .otherNetwork(
            gallery: name,
            galleryNetwork: label(settings.networkName, own?.fingerprint ?? settings.networkFingerprint),
            given: label(other, identity?.fingerprint ?? fingerprint), differences: differences)
    }

    func label(_ network: String, _ fingerprint: String) -> String {
        network == Self.givenTemplates
            ? "another program (the gallery was created for given templates)"
            : "\(network) (\(fingerprint.prefix(12)))"
    }

    /// Refuses what only a storage on this machine has.
    private func requireCare(_ what: String) throws(GalleryError) -> any GalleryCare {
        guard let care = storage as? any GalleryCare else {
            throw .store(.unsupported(storage: name, what: what))
        }
        return care
    }

    /// Counts and sizes.
    public func statistics() throws(GalleryError) -> GalleryStatistics {
        try wrap { () throws(StoreError) in
            if let care = storage as? any GalleryCare { return try care.statistics() }
            return GalleryStatistics(try storage.size())
        }
    }

    /// How many subjects and references there are; unlike `statistics`, looks at no file of the index.
    public func size() throws(GalleryError) -> GallerySize {
        try wrap { () throws(StoreError) in try storage.size() }
    }

    /// Whether what is derived agrees with what is stored, and both with their checksums; and whether the gallery's
    /// copy of its network is whole.
    ///
    /// - Throws: `.store` with `unsupported` for a storage on another machine.
    public func check() throws(GalleryError) -> CheckReport {
        let care = try requireCare("checking its files")
        let report = try wrap { () throws(StoreError) in try care.check() }
        let problems = GalleryNetwork.problems(name, settings)
        return CheckReport(
            subjects: report.subjects, references: report.references, problems: report.problems + problems,
            notes: report.notes,
            remedies: Set(report.remedies).union(problems.isEmpty ? [] : [.replaceNetwork]))
    }

    /// Rebuilds everything that is derived from the stored records, such as the index.
    ///
    /// - Throws: `.store` with `unsupported` for a storage on another machine.
    public func repair() throws(GalleryError) {
        let care = try requireCare("repairing its files")
        try wrap { () throws(StoreError) in try care.repair() }
    }

    /// Trains and saves the index, so that the next process opens quickly.
    ///
    /// Call it when a job is done.
    public func settle() throws(GalleryError) {
        try wrap { () throws(StoreError) in try (storage as? any GalleryCare)?.settle() }
    }

    /// Adds to the index what was enrolled since, trains it if that is due, and saves it, all in the background.
    ///
    /// Call it about once a minute in a long job, so that little is lost if the job is killed.
    public func keepPace() { (storage as? any GalleryCare)?.keepPace() }

    /// Saves what can be saved without training, which takes long.
    ///
    /// Call it in a job that is asked to stop.
    public func part() throws(GalleryError) -> Parting {
        try wrap { () throws(StoreError) in try (storage as? any GalleryCare)?.part() ?? .saved }
    }

    /// Waits until an index that was trained or updated for an answer is saved for other processes.
    ///
    /// Call it before a process ends.
    ///
    /// Waits at most ten seconds for others that write. What cannot be saved is not an error: the next process does the work again.
    public func share() { (storage as? any GalleryCare)?.share() }

    /// Writes an index file that `faiss.read_index` opens, with reference ids as labels.
    ///
    /// - Throws: `.badArgument` where something other than a regular file is at `path`; `.store`, with `unsupported` for
    ///   a storage on another machine.
    public func exportFaiss(to path: String) throws(GalleryError) {
        // What is written takes the place of what was there: that must never be a device or another's link.
        var status = stat()
        guard unsafe lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw .badArgument("\(path): exists and is not a regular file; use another path")
        }
        let care = try requireCare("writing an index file for FAISS")
        try wrap { () throws(StoreError) in try care.exportFaiss(to: path) }
    }
}
