public import FaceImage

/// Where a training takes its photos from and puts its result; changes nothing in what it learns.
public struct TrainingJob: Sendable {
    /// The folder with one subfolder per person.
    public var photos: String
    /// The folder of the result: network, checkpoint, log, plots.
    public var out: String
    /// The folder of the cache of chips; nil for `chips` in `out`.
    public var chips: String?
    /// Path of dlib's `shape_predictor_5_face_landmarks.dat`; unused for whole photos.
    public var landmarkModel: String
    /// The directory of a network whose weights the training begins with; nil for random ones.
    public var initialNetwork: String?
    /// What cuts faces for a network that takes a template of five points; unused for others.
    public var detector: FaceDetector?
    /// What the result's card calls it; nil for the name of `out`.
    public var name: String?
    /// The terms of the result's weights; nil for those of the initial network, or a note that nobody has chosen any.
    public var license: String?
    /// Whether to go on from `out`'s checkpoint.
    public var resume = false
    /// Whether a batch may have fewer people, and fewer photos of each, than the settings ask for, where the people
    /// have no more.
    public var shrinksPeoplePerBatch = false, shrinksPhotosPerPerson = false
    /// Training time after which the run is over, in minutes, all sittings together; nil for any.
    public var minutes: Double?
    /// Threads that decode photos and prepare batches, 1…256.
    public var jobs = 1
    /// Shell patterns for files and folders of `photos` that are left out.
    public var excluding: [String] = []
    /// The largest photo that is decoded.
    public var limits: DecodeLimits = .standard

    /// A training of `photos` into `out`.
    public init(photos: String, out: String, landmarkModel: String) {
        (self.photos, self.out, self.landmarkModel) = (photos, out, landmarkModel)
    }

    /// The checkpoint in `out`.
    public var checkpoint: String { out + "/" + Checkpoint.fileName }

    /// The settings of the training in `out`.
    ///
    /// - Throws: `noCheckpoint`, `badCheckpoint`.
    public func resumedSettings() throws(TrainingError) -> TrainingSettings {
        try Checkpoint.settings(of: checkpoint)
    }

    /// Makes the folder of the result, or refuses one that holds something else than a cache of chips.
    ///
    /// - Returns: what keeps other processes out until it goes.
    /// - Throws: `folderTaken`, `folderBusy`, `noCheckpoint`, `cannotWrite`.
    func claimFolder() throws(TrainingError) -> FolderLock {
        if resume {
            guard SafeWriting.exists(checkpoint) else { throw .noCheckpoint(path: checkpoint) }
        } else if SafeWriting.exists(checkpoint) {
            throw .folderTaken(path: out, reason: "contains a training")
        } else if SafeWriting.exists(out) {
            guard let names = SafeWriting.names(in: out) else {
                throw .folderTaken(path: out, reason: "is not a folder that can be read")
            }
            guard names.allSatisfy({ $0 == "chips" || SafeWriting.isLeftOver($0) }) else {
                throw .folderTaken(path: out, reason: "is not empty")
            }
        }
        try SafeWriting.makeFolder(out)
        return try FolderLock(out)
    }
}
