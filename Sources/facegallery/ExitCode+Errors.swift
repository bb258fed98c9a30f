import ArgumentParsing
import Clustering
import Concurrency
import Enrollment
import Evaluation
import Files
import Gallery
import HTTPServer
import IsolatedHDF5
import ModelSetup
import PhotoClusters
import PhotoManifest
import Network
import NetworkExport
import Service
import Training
import VectorFiles

extension ExitCode {
    /// The exit code of a command that an error ended.
    init(_ error: any Error) {
        switch error {
        case is UsageError: self = .usage
        case let error as CommandFailure: self = error.exitCode
        case let error as FileError: self.init(error.kind)
        case let error as GalleryError: self.init(error.kind)
        case let error as EnrollmentError: self.init(error.kind)
        case let error as ManifestError: self.init(error.kind)
        case let error as VectorFileError: self.init(error.kind)
        case let error as HelperError: self.init(error.kind)
        case let error as NetworkError: self.init(error.kind)
        case let error as OnnxError: self.init(error.kind)
        case let error as TrainingError: self.init(error.kind)
        case let error as SetupError: self.init(error.kind)
        case let error as PhotoClusterError: self.init(error.kind)
        case let error as ClusteringError: self.init(PhotoClusterError.clustering(error).kind)
        // Nothing can be said of the data that was given.
        case is EvaluationError: self = .badData
        case is ThreadError: self = .tryAgain
        case let error as HTTPServerError: self.init(error)
        case is ServiceError: self = .usage
        case let error as KeyError: self.init(error)
        default: self = .failed
        }
    }

    init(_ kind: FileError.Kind) {
        self =
            switch kind {
            case .missing: .noInput
            case .badData: .badData
            case .cannotRead: .inputOutput
            case .cannotWrite: .cannotWrite
            case .busy: .tryAgain
            case .usage: .usage
            }
    }

    private init(_ kind: PhotoClusterError.Kind) {
        self =
            switch kind {
            case .usage: .usage
            case .badData: .badData
            case .file(let kind): ExitCode(kind)
            case .stopped: .tryAgain
            }
    }

    private init(_ error: HTTPServerError) {
        self =
            switch error {
            case .badAddress: .usage
            case .cannotListen: .tryAgain
            case .cannotStart: .failed
            }
    }

    private init(_ error: KeyError) {
        self =
            switch error {
            case .unusable: .badData
            case .system: .inputOutput
            case .unknown: .noInput
            }
    }

    private init(_ kind: TrainingError.Kind) {
        self =
            switch kind {
            case .usage: .usage
            case .missing: .noInput
            case .badData: .badData
            case .cannotWrite: .cannotWrite
            case .tryAgain: .tryAgain
            case .failed: .failed
            }
    }

    init(_ kind: GalleryError.Kind) {
        self =
            switch kind {
            case .missingInput: .noInput
            case .badData: .badData
            case .cannotWrite: .cannotWrite
            case .inputOutput: .inputOutput
            case .tryAgain: .tryAgain
            case .usage: .usage
            case .failed: .failed
            }
    }

    private init(_ kind: EnrollmentError.Kind) {
        self =
            switch kind {
            case .usage: .usage
            case .missingInput: .noInput
            case .badData: .badData
            case .inputOutput: .inputOutput
            }
    }

    private init(_ kind: NetworkError.Kind) {
        self =
            switch kind {
            case .missing: .noInput
            case .badData: .badData
            case .cannotWrite: .cannotWrite
            case .failed: .failed
            }
    }

    private init(_ kind: SetupError.Kind) {
        self =
            switch kind {
            case .missing: .noInput
            case .badData: .badData
            case .cannotRead: .inputOutput
            case .cannotWrite: .cannotWrite
            case .tryAgain: .tryAgain
            case .failed: .failed
            }
    }

    private init(_ kind: ManifestError.Kind) {
        self =
            switch kind {
            case .missing: .noInput
            case .badData: .badData
            case .cannotRead: .inputOutput
            case .usage: .usage
            case .stopped: .tryAgain
            }
    }

    private init(_ kind: HelperError.Kind) {
        self =
            switch kind {
            case .notInstalled: .failed
            case .tryAgain: .tryAgain
            case .inputOutput: .inputOutput
            }
    }

    private init(_ kind: VectorFileError.Kind) {
        self =
            switch kind {
            case .missing: .noInput
            case .badData: .badData
            case .cannotRead: .inputOutput
            case .cannotWrite: .cannotWrite
            }
    }
}
