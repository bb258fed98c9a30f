// swift-tools-version: 6.2
import PackageDescription

// Programs of somebody else's, beside a checkout in ../facegallery; run.sh builds them where they see nothing but the
// products.
let package = Package(
    name: "Outside",
    dependencies: [.package(path: "../facegallery")],
    targets: [
        .executableTarget(name: "app", dependencies: [.product(name: "Gallery", package: "facegallery")]),
        .executableTarget(
            name: "conformance",
            dependencies: [
                .product(name: "Gallery", package: "facegallery"),
                .product(name: "GalleryTesting", package: "facegallery"),
            ]),
    ]
)
