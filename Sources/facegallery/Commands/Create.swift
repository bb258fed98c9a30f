import ArgumentParsing
import Files
import Gallery
import Network

let create = Verb(
    specification: CommandSpecification(
        "create", abstract: "Make an empty gallery.",
        discussion: """
            A gallery holds templates of one network, which it records. With --dimension it holds templates that
            another program makes; photos cannot be enrolled there. The network is copied into the gallery, unless it is
            one that the set-up fetches (sface, dlib-resnet).
            """,
        options: [
            Shared.gallery, Shared.network,
            OptionSpecification(
                "--dimension", value: "N", help: "Numbers in a given template: a multiple of 4 from 16 to 2048."
            ),
        ],
        example: "facegallery create -g faces"),
    run: { arguments, console in
        let path = try arguments.galleryPath()
        try Outputs.check("--gallery", path, .newFolder, inputs: [])
        if let dimension = try arguments.integer("--dimension", in: 16...2048) {
            guard arguments.value("--network") == nil else {
                throw UsageError("--dimension and --network exclude each other", command: "create")
            }
            guard dimension.isMultiple(of: 4) else {
                throw UsageError("'--dimension \(dimension)': expected a multiple of 4", command: "create")
            }
            try FaceGallery.create(at: path, dimension: dimension)
            console.note("created \(printable(path)) for given templates of \(dimension) numbers")
        } else {
            let network = arguments.value("--network") ?? ModelCache.defaultNetwork
            let card: NetworkCard
            if !ModelCache.fetchedNetworks.contains(network) {
                card = try FaceGallery.create(
                    at: path, networkDirectory: ModelCache.standard.directory(ofNetwork: network))
            } else {
                card = try ModelCache.standard.card(ofNetwork: network)
                try FaceGallery.create(at: path, network: card)
            }
            console.note(
                "created \(printable(path)) for templates of \(printable(card.name)), \(card.dimension) numbers each"
            )
        }
        return .done
    })
