import PackagePlugin

/// Has dlib's frontal face detector unpacked while the package is built.
///
/// dlib keeps it compressed in a header; unpacking takes a quarter of a second, which every process that
/// looks at a photo would pay. The result is Swift, because plugins cannot add C sources to a target.
@main
struct EmbedFrontalFaces: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let source = context.pluginWorkDirectoryURL.appending(path: "FrontalFaces.swift")
        return [
            .buildCommand(
                displayName: "Unpacking dlib's frontal face detector",
                executable: try context.tool(named: "frontal-faces").url,
                arguments: [source.path()], outputFiles: [source])
        ]
    }
}
