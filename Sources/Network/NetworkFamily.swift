/// Face networks of one making, whose files do not say how they are fed: what their projects say of it.
///
/// `docs/networks.md` has the source of each fact. No weights come with it.
public struct NetworkFamily: Sendable {
    /// What `network import --family` calls it.
    public let name: String
    /// Which files it is for.
    public let files: String
    /// Width and height of a chip, in pixels.
    public let side: Int
    /// Numbers in a template.
    public let dimensions: [Int]
    /// How pixels become input, where that is not among the file's layers.
    public let mean: Float, scale: Float
    /// In which order colours are taken.
    public let colors: NetworkCard.Input.Colors
    /// How a chip is cut out.
    public let alignment: NetworkCard.Alignment
    /// Terms of the weights that the project publishes.
    public let license: String
    /// Where weights and facts come from.
    public let source: String

    /// The family of this name; nil for an unknown one.
    public static func named(_ name: String) -> NetworkFamily? { all.first { $0.name == name } }

    private static let fivePoints = NetworkCard.Alignment(kind: NetworkCard.Alignment.template, padding: 0)

    /// All of them, by name.
    public static let all = [
        NetworkFamily(
            name: "arcface",
            files: "w600k_r50.onnx, w600k_mbf.onnx (buffalo_l, _m, _s, _sc), glintr100.onnx (antelopev2)",
            side: 112,
            dimensions: [512], mean: 127.5, scale: 1 / 127.5, colors: .rgb, alignment: fivePoints,
            license:
                "InsightFace publishes these weights for non-commercial research only (recognition-oss-pack@insightface.ai licenses them otherwise)",
            source: "InsightFace (ArcFace, J. Deng et al., 2019), https://github.com/deepinsight/insightface"),
        NetworkFamily(
            name: "auraface", files: "glintr100.onnx of AuraFace-v1", side: 112, dimensions: [512], mean: 127.5,
            scale: 1 / 127.5, colors: .rgb, alignment: fivePoints, license: "Apache-2.0",
            source: "AuraFace by fal (a ResNet-100 with ArcFace's loss), https://huggingface.co/fal/AuraFace-v1"
        ),
        NetworkFamily(
            name: "edgeface",
            files: "exports of edgeface_base, edgeface_s_gamma_05, edgeface_xs_gamma_06, edgeface_xxs",
            side: 112, dimensions: [512], mean: 127.5, scale: 1 / 127.5, colors: .rgb, alignment: fivePoints,
            license:
                "code BSD-3-Clause; weights on Hugging Face are CC BY-NC-SA 4.0 (non-commercial): read the terms where yours come from",
            source: "EdgeFace (A. George et al., 2024), Idiap, https://github.com/otroshi/edgeface"),
        NetworkFamily(
            name: "facenet", files: "exports of facenet-pytorch's InceptionResnetV1 (vggface2, casia-webface)",
            side: 160, dimensions: [512], mean: 127.5, scale: 1 / 128, colors: .rgb,
            alignment: NetworkCard.Alignment(kind: NetworkCard.Alignment.box, padding: 0),
            license:
                "MIT (facenet-pytorch, and D. Sandberg's facenet that the weights come from); VGGFace2 and CASIA-WebFace, which they were trained on, have terms of their own",
            source: "facenet-pytorch by T. Esler, https://github.com/timesler/facenet-pytorch"),
        NetworkFamily(
            name: "mobilefacenet", files: "InsightFace's MobileFaceNet, output fc1", side: 112,
            dimensions: [128, 512], mean: 127.5, scale: 1 / 127.5, colors: .rgb, alignment: fivePoints,
            license: "InsightFace publishes these weights for non-commercial research only",
            source:
                "InsightFace (MobileFaceNet, S. Chen et al., 2018), https://github.com/deepinsight/insightface"),
        NetworkFamily(
            name: "sface", files: "face_recognition_sface_2021dec*.onnx of OpenCV Zoo", side: 112,
            dimensions: [128], mean: 0, scale: 1, colors: .rgb, alignment: fivePoints, license: "Apache-2.0",
            source: "SFace (Y. Zhong et al., 2021), https://github.com/opencv/opencv_zoo"),
    ]
}
