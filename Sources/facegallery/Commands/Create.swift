import ArgumentParsing
import Files
import Gallery
import Network

let create = Verb(
    specification: CommandSpecification(
        "create", abstract: "Make an empty gallery.",
        discussion: """
            A gallery contains templates of one network, and records which. The network is copied into the gallery,
            unless it is one that the set-up fetches (sface, dlib-resnet). With --dimension, the gallery is for templates
            that another program makes; photos cannot be enrolled there.
            With --keep-chips, enroll stores a small picture of each face beside its template, so that migrate can
            change the network even if the photos are gone. These are pictures of people. Without the option, no picture
            is kept.
            """,
        options: [
            Shared.gallery, Shared.network, Shared.cache,
            OptionSpecification(
                "--dimension", value: "N",
                help: "How many numbers a given template has: a multiple of 4 from 16 to 2048."
            ),
            OptionSpecification(
                "--keep-chips",
                help: "Keep a picture of each face, so that the network can be changed without the photos."
            ),
        ],
        example: """
            facegallery create -g faces
            facegallery create -g faces --keep-chips
            """),
    run: { arguments, console in
        let path = try arguments.galleryPath()
        let keepsChips = arguments.flag("--keep-chips")
        try Outputs.check("--gallery", path, .newFolder, inputs: [])
        if let dimension = try arguments.integer("--dimension", in: 16...2048) {
            guard arguments.value("--network") == nil else {
                throw UsageError("use --dimension or --network, not both", command: "create")
            }
            guard !keepsChips else {
                throw UsageError(
                    "--keep-chips is only for galleries of photos: leave it out with --dimension",
                    command: "create")
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
                    at: path, networkDirectory: ModelCache.standard.directory(ofNetwork: network),
                    keepsChips: keepsChips)
            } else {
                card = try ModelCache.standard.card(ofNetwork: network)
                try FaceGallery.create(at: path, network: card, keepsChips: keepsChips)
            }
            console.note(
                "created \(printable(path)) for templates of \(printable(card.name)), \(card.dimension) numbers each"
            )
            if keepsChips {
                console.note("the gallery will keep a picture of each face that is enrolled from a photo")
            }
        }
        return .done
    })
