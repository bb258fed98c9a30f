import Enrollment
import FaceImage
import Gallery
import Network
import Testing
import Training

@testable import facegallery

/// The engine's errors give facts; the program adds what its user can do.
@Suite("Advice") struct AdviceTests {
    @Test("follows an error of the engine, wherever it is wrapped")
    func remedies() {
        let network = NetworkError.unreadable(path: "x", reason: "no such file")
        let model = DetectorError.missingModel(path: "y", reason: "no such file")
        for (error, advice) in [
            (
                network as any Error,
                "cannot read x: no such file; facegallery setup fetches the default network"
            ),
            (GalleryError.network(network), "facegallery setup"),
            (TrainingError.network(network), "facegallery setup"),
            (GalleryError.detector(model), "facegallery setup dlib-resnet"),
            (TrainingError.detector(model), "facegallery setup dlib-resnet"),
            (GalleryError.severalFaces(photo: "z", count: 2), "or take the largest with --largest-face"),
            (GalleryError.otherMigration(gallery: "g", to: "a", made: 1, given: "b"), "'migrate --abandon'"),
            (EnrollmentError.folderGone("p"), "mount it again and run the same command"),
            (EnrollmentError.storageFails(photos: 9, last: "l"), "run the same command again"),
            (TrainingError.folderTaken(path: "o", reason: "is taken"), "use --resume"),
            (TrainingError.folderBusy(path: "o"), "another --out"),
            (TrainingError.noCheckpoint(path: "o"), "leave out --resume"),
        ] {
            #expect(Advice.line(error).contains(advice), "\(Advice.line(error))")
            #expect(!"\(error)".contains("--") && !"\(error)".contains("setup"), "\(error)")
        }
    }

    @Test("names the option that gives a setting")
    func options() {
        #expect(
            Advice.line(TrainingError.badArgument(name: "freeze", reason: "needs a network; give `init`"))
                == "--freeze needs a network; give --init")
        #expect(
            Advice.line(TrainingError.otherSetting(name: "margin", now: "1", checkpoint: "2"))
                .hasPrefix("--margin is 1"))
        #expect(Advice.line(TrainingError.badArgument(name: "batch", reason: "is 0")) == "batch is 0")
    }

    @Test("leaves backquotes alone that hold no option")
    func backquotes() {
        #expect(
            Advice.withOptions("a `photo` and a `mining` semi-hard, `")
                == "a `photo` and a --mining semi-hard, `")
        #expect(Advice.withOptions("`learning-rate``loss`") == "--learning-rate--loss")
    }
}
