// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency], path: String) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)", exclude: exclude,
        swiftSettings: strict)
}

let package = Package(
    name: "FaceGallery",
    products: [
        .library(
            name: "Gallery",
            targets: ["Enrollment", "Gallery", "GalleryModel", "Concurrency", "FaceImage", "Network"]),
        .library(name: "GalleryTesting", targets: ["GalleryTesting"]),
        .library(name: "Wire", targets: ["Wire", "Network"]),
        .library(name: "Evaluation", targets: ["Evaluation"]),
        .library(name: "Training", targets: ["Training", "Network"]),
        .library(name: "HDF5", targets: ["IsolatedHDF5", "VectorFiles"]),
        .executable(name: "facegallery", targets: ["facegallery"]),
        .executable(name: "facegallery-hdf5", targets: ["facegallery-hdf5"]),
        .executable(name: "facegallery-bench", targets: ["facegallery-bench"]),
    ],
    targets: [
        // Bridges: one small target per C or C++ library.
        // vips.pc asks for -pthread, which SwiftPM reports as a prohibited flag; libvips' headers need no
        // more than GObject's flags.
        .systemLibrary(
            name: "CVipsSystem", path: "Sources/Bridges/CVipsSystem", pkgConfig: "gobject-2.0",
            providers: [.apt(["libvips-dev"])]),
        // Linked with neither libvips nor gdk-pixbuf: it loads them with the first photo.
        .target(
            name: "CVips", dependencies: ["CVipsSystem"], path: "Sources/Bridges/CVips",
            linkerSettings: [.linkedLibrary("z")]),
        .target(
            name: "CDlib", path: "Sources/Bridges/CDlib",
            linkerSettings: [.linkedLibrary("stdc++")]),
        .executableTarget(
            name: "frontal-faces", path: "Sources/Bridges/FrontalFaces",
            linkerSettings: [.linkedLibrary("dlib"), .linkedLibrary("stdc++")]),
        .plugin(name: "EmbedFrontalFaces", capability: .buildTool(), dependencies: ["frontal-faces"]),
        .target(
            name: "COnnx", path: "Sources/Bridges/COnnx",
            linkerSettings: [
                .linkedLibrary("onnx"), .linkedLibrary("onnx_proto"), .linkedLibrary("protobuf"),
                .linkedLibrary("stdc++"),
            ]),
        .systemLibrary(
            name: "CHDF5System", path: "Sources/Bridges/CHDF5System", pkgConfig: "hdf5-serial",
            providers: [.apt(["libhdf5-dev"])]),
        .target(name: "CHDF5", dependencies: ["CHDF5System"], path: "Sources/Bridges/CHDF5"),
        .target(
            name: "CSimdJSON", path: "Sources/Bridges/CSimdJSON",
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
        .target(
            name: "CConfinement", path: "Sources/Bridges/CConfinement",
            linkerSettings: [.linkedLibrary("seccomp")]),
        // Not linked with libmicrohttpd: it is loaded by the command that serves.
        .target(name: "CMicrohttpd", path: "Sources/Bridges/CMicrohttpd"),
        .systemLibrary(name: "CNettle", path: "Sources/Bridges/CNettle", providers: [.apt(["nettle-dev"])]),
        // Comparisons of secrets, by Nettle, too.
        .systemLibrary(
            name: "CConstantTime", path: "Sources/Bridges/CConstantTime", providers: [.apt(["nettle-dev"])]),
        .systemLibrary(name: "CZlib", path: "Sources/Bridges/CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COneDNN", path: "Sources/Bridges/COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(name: "CLMDB", path: "Sources/Bridges/CLMDB", providers: [.apt(["liblmdb-dev"])]),
        .target(
            name: "CFaiss", dependencies: ["CSearchKernels"], path: "Index/CFaiss",
            linkerSettings: [
                .linkedLibrary("faiss"), .linkedLibrary("gomp"),
                .linkedLibrary("stdc++"), .linkedLibrary("m"),
            ]),
        .target(name: "CSearchKernels", path: "Index/CSearchKernels"),

        // Modules: each knows only what its line names.
        module("Files", [], path: "Sources/Files"),
        module("Concurrency", [], path: "Sources/Concurrency"),
        module("HTTPServer", ["CMicrohttpd", "Concurrency"], path: "Sources/HTTPServer"),
        module("GalleryModel", ["Concurrency", "Files"], path: "Sources/GalleryModel"),
        module("VectorIndex", ["CFaiss", "CSearchKernels", "Concurrency", "Files"], path: "Index/VectorIndex"),
        module("VectorFiles", ["CSimdJSON", "Files"], path: "Sources/VectorFiles"),
        module("PhotoManifest", ["Files"], path: "Sources/PhotoManifest"),
        module(
            "ReferenceFiles", ["Files", "GalleryModel", "Network", "VectorFiles"],
            path: "Sources/ReferenceFiles"),
        // Links libhdf5: only what may crash with it depends on it.
        module(
            "HDF5Files", ["CHDF5", "Files", "GalleryModel", "Network", "ReferenceFiles", "VectorFiles"],
            path: "Sources/HDF5Files"),
        // Starts facegallery-hdf5 and knows no libhdf5.
        module("IsolatedHDF5", ["ReferenceFiles", "VectorFiles"], path: "Sources/IsolatedHDF5"),
        .target(
            name: "FaceImage", dependencies: ["Concurrency", "CVips", "CDlib"], path: "Sources/FaceImage",
            swiftSettings: strict, plugins: ["EmbedFrontalFaces"]),
        module("Onnx", ["COnnx"], path: "Sources/Onnx"),
        module("Network", ["COneDNN", "CNettle", "Concurrency", "Files", "Onnx"], path: "Sources/Network"),
        module("NetworkExport", ["Network", "COnnx"], path: "Sources/NetworkExport"),
        module("TemplateStore", ["CLMDB", "Files", "GalleryModel"], path: "Sources/TemplateStore"),
        module(
            "Gallery",
            [
                "Concurrency", "Evaluation", "FaceImage", "Files", "GalleryModel", "Network", "TemplateStore",
                "VectorIndex",
            ],
            path: "Sources/Gallery"),
        module(
            "Enrollment",
            [
                "Concurrency", "FaceImage", "Gallery", "GalleryModel", "PhotoManifest", "Network",
                "VectorFiles",
            ],
            path: "Sources/Enrollment"),
        module("GalleryTesting", ["Concurrency", "GalleryModel"], path: "Sources/GalleryTesting"),
        module("Evaluation", [], path: "Sources/Evaluation"),
        module("Clustering", ["VectorIndex"], path: "Sources/Clustering"),
        module(
            "PhotoClusters",
            [
                "Clustering", "Concurrency", "Enrollment", "FaceImage", "Files", "Gallery", "GalleryModel",
                "Network",
            ],
            path: "Sources/PhotoClusters"),
        // gnuplot as a child process.
        module("Plotting", [], path: "Sources/Plotting"),
        module(
            "EvaluationReport", ["Evaluation", "Files", "GalleryEvaluation", "Plotting"],
            path: "Sources/EvaluationReport"),
        module(
            "GalleryEvaluation", ["Concurrency", "Evaluation", "Gallery", "GalleryModel", "VectorIndex"],
            path: "Sources/GalleryEvaluation"),
        module(
            "Training",
            [
                "Concurrency", "FaceImage", "Files", "GalleryModel", "Network", "NetworkExport", "Evaluation",
                "Plotting", "TemplateStore", "COneDNN", "CLMDB",
            ],
            path: "Sources/Training"),
        module(
            "Album", ["Concurrency", "FaceImage", "Files", "Gallery", "GalleryModel"], path: "Sources/Album"),
        module(
            "Wire",
            [
                "Album", "Enrollment", "Evaluation", "FaceImage", "Files", "Gallery", "GalleryEvaluation",
                "GalleryModel", "Network", "VectorFiles", "VectorIndex",
            ],
            path: "Sources/Wire"),
        module(
            "Service",
            [
                "CConstantTime", "Concurrency", "Enrollment", "FaceImage", "Files", "Gallery", "GalleryModel",
                "HTTPServer", "Network", "VectorFiles", "Wire",
            ],
            path: "Sources/Service"),
        .target(
            name: "ModelSetup", dependencies: ["CZlib", "Files", "Network"], path: "Sources/ModelSetup",
            resources: [
                .embedInCode("Lists/contents.txt"), .embedInCode("Lists/requirements.txt"),
                .embedInCode("Lists/requirements-dlib-resnet.txt"),
                .embedInCode("Lists/build-requirements.txt"),
                .embedInCode("Lists/sface.json"), .embedInCode("Lists/dlib-resnet.json"),
            ], swiftSettings: strict),
        module("ArgumentParsing", [], path: "Sources/ArgumentParsing"),
        // Made again where the commit is another one: small, so that little is compiled for it.
        .plugin(name: "WriteCommit", capability: .buildTool()),
        .target(
            name: "BuildFacts", path: "Sources/BuildFacts", swiftSettings: strict, plugins: ["WriteCommit"]),

        // Programs.
        .executableTarget(
            name: "facegallery",
            dependencies: [
                "Album", "Enrollment", "Gallery", "GalleryModel", "Concurrency", "FaceImage", "Files",
                "Network",
                "NetworkExport", "VectorIndex", "ArgumentParsing", "VectorFiles", "IsolatedHDF5",
                "PhotoManifest", "ReferenceFiles", "Training", "Evaluation", "EvaluationReport",
                "GalleryEvaluation", "Clustering", "PhotoClusters", "Wire", "ModelSetup", "BuildFacts",
                "HTTPServer", "Service",
            ],
            path: "Sources/facegallery", swiftSettings: strict),
        .executableTarget(
            name: "facegallery-hdf5",
            dependencies: ["CConfinement", "HDF5Files", "IsolatedHDF5", "ReferenceFiles", "VectorFiles"],
            path: "Sources/facegallery-hdf5", swiftSettings: strict),
        .executableTarget(
            name: "facegallery-bench",
            dependencies: [
                "Gallery", "GalleryModel", "FaceImage", "Network", "TemplateStore", "VectorIndex", "Evaluation",
                "Clustering", "GalleryEvaluation", "Training", "ArgumentParsing", "VectorFiles", "HDF5Files",
            ],
            path: "Bench/facegallery-bench", swiftSettings: strict),

        // Tests: one target a module.
        module("TestSupport", [], path: "Tests/TestSupport"),
        .target(name: "CTestMemory", path: "Tests/CTestMemory"),
        tests("FilesTests", ["Files"]),
        tests("ConcurrencyTests", ["Concurrency"]),
        tests("HTTPServerTests", ["HTTPServer"]),
        tests("VectorIndexTests", ["Concurrency", "VectorIndex", "CSearchKernels", "CFaiss", "CTestMemory"]),
        tests("VectorFilesTests", ["VectorFiles"]),
        tests("PhotoManifestTests", ["PhotoManifest"]),
        .target(name: "CTestHDF5", dependencies: ["CHDF5System"], path: "Tests/CTestHDF5"),
        tests("HDF5FilesTests", ["HDF5Files", "GalleryModel", "ReferenceFiles", "VectorFiles", "CTestHDF5"]),
        tests(
            "ReferenceFilesTests",
            ["ReferenceFiles", "IsolatedHDF5", "GalleryModel", "VectorFiles", "CTestHDF5"]),
        .target(
            name: "CTestPhotos", dependencies: ["CVipsSystem"], path: "Tests/CTestPhotos",
            linkerSettings: [.linkedLibrary("vips")]),
        tests("FaceImageTests", ["FaceImage", "Network", "CTestPhotos"]),
        tests("OnnxTests", ["Onnx", "Network"]),
        tests("NetworkTests", ["Network"], exclude: ["Fixtures"]),
        tests("NetworkExportTests", ["NetworkExport", "Network"]),
        tests("TemplateStoreTests", ["Files", "GalleryModel", "TemplateStore"]),
        tests(
            "GalleryTests",
            [
                "Concurrency", "Gallery", "GalleryModel", "GalleryTesting", "FaceImage", "Files", "Network",
                "TemplateStore", "VectorIndex", "CSearchKernels",
            ]),
        tests("GalleryModelTests", ["Concurrency", "GalleryModel"]),
        tests("EnrollmentTests", ["Enrollment", "FaceImage", "Gallery"]),
        // A job, the program that does it, and the tests that take its power away.
        module("PowerLossSteps", ["Gallery", "TemplateStore", "TestSupport"], path: "Tests/PowerLossSteps"),
        .executableTarget(
            name: "power-loss-job", dependencies: ["PowerLossSteps"], path: "Tests/PowerLossJob",
            swiftSettings: strict),
        tests("PowerLossTests", ["Gallery", "PowerLossSteps", "TemplateStore"], exclude: ["Fixtures"]),
        tests("AlbumTests", ["Album", "FaceImage", "Files", "Gallery"]),
        tests(
            "WireTests",
            ["Album", "Enrollment", "FaceImage", "Gallery", "GalleryModel", "Network", "Training", "Wire"]),
        tests(
            "ServiceTests",
            [
                "facegallery", "Concurrency", "Enrollment", "FaceImage", "Gallery", "GalleryModel",
                "HTTPServer",
                "Network", "Service", "Wire",
            ]),
        tests("ClusteringTests", ["Clustering"]),
        tests("EvaluationTests", ["Evaluation"], exclude: ["Fixtures"]),
        tests("TrainingTests", ["Training", "Network", "NetworkExport", "FaceImage"], exclude: ["Fixtures"]),
        tests("ArgumentParsingTests", ["ArgumentParsing"]),
        tests("ModelSetupTests", ["ModelSetup", "Network"]),
        tests("BenchTests", ["facegallery-bench", "VectorFiles", "CTestHDF5"]),
        tests(
            "CommandTests",
            [
                "facegallery", "Album", "Enrollment", "FaceImage", "Gallery", "GalleryModel", "IsolatedHDF5",
                "Network",
                "TemplateStore", "VectorFiles", "ReferenceFiles", "CTestHDF5", "Training", "Wire",
                "ArgumentParsing", "GalleryEvaluation", "Evaluation",
            ],
            exclude: ["Fixtures"]),
    ],
    cxxLanguageStandard: .cxx17
)
