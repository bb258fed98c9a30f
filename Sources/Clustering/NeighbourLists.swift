/// For each row its most similar other rows, at most `most` of them, and whether there were more.
///
/// What is kept depends only on which pairs were taken, never on their order: ties go to the row of lower rank.
struct NeighbourLists: Sendable, Equatable {
    /// A row near another one.
    struct Neighbour: Sendable, Equatable {
        var row: Int32
        var similarity: Float
    }

    let most: Int
    private(set) var lists: [[Neighbour]]
    /// Whether a row had more neighbours than are kept.
    private(set) var isFull: [Bool]

    init(most: Int, rows: Int = 0) {
        self.most = most
        lists = Array(repeating: [], count: rows)
        isFull = Array(repeating: false, count: rows)
    }

    /// Lists that were stored before.
    init(most: Int, lists: [[Neighbour]], isFull: [Bool]) {
        (self.most, self.lists, self.isFull) = (most, lists, isFull)
    }

    mutating func grow(to rows: Int) {
        for _ in lists.count..<max(rows, lists.count) {
            lists.append([])
            isFull.append(false)
        }
    }

    /// Takes a row near `row`; O(log most).
    ///
    /// Lists are heaps with the worst neighbour first.
    mutating func take(_ neighbour: Neighbour, of row: Int, rank: [Int32]) {
        func isWorse(_ one: Neighbour, _ other: Neighbour) -> Bool {
            if one.similarity != other.similarity { return one.similarity < other.similarity }
            return rank[Int(one.row)] > rank[Int(other.row)]
        }
        let count = lists[row].count
        if count < most {
            lists[row].append(neighbour)
            var place = count
            while place > 0, isWorse(lists[row][place], lists[row][(place - 1) / 2]) {
                lists[row].swapAt(place, (place - 1) / 2)
                place = (place - 1) / 2
            }
            return
        }
        isFull[row] = true
        guard isWorse(lists[row][0], neighbour) else { return }
        lists[row][0] = neighbour
        var place = 0
        while true {
            var worst = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < count && isWorse(lists[row][child], lists[row][worst]) { worst = child }
            guard worst != place else { return }
            lists[row].swapAt(place, worst)
            place = worst
        }
    }
}
