"""What a disk holds after a power cut, worked out from the log of tests/shim.

Everything that was synced is there. Of the rest any part may be: whole writes or single sectors of
512 bytes, sizes, and the names of a folder that was not synced since.
"""
import struct

SECTOR, BLOCK = 512, 4096
HEAD = struct.Struct("<BQQQI")
LEFT_OUT = ("lock.mdb",)  # LMDB's table of readers: shared memory, made anew


def read_log(path):
    """Every record of one life's log: (op, a, b, c, bytes). The kill may have cut the last one."""
    with open(path, "rb") as file:
        data = file.read()
    at, records = 0, []
    while at + HEAD.size <= len(data):
        op, a, b, c, size = HEAD.unpack_from(data, at)
        at += HEAD.size + size
        if at <= len(data):
            records.append((chr(op), a, b, c, data[at - size:at]))
    return records


class Bytes:
    """A sparse run of bytes."""

    def __init__(self, blocks=None):
        self.blocks = blocks if blocks is not None else {}

    def copy(self):
        return Bytes({number: bytearray(block) for number, block in self.blocks.items()})

    def zero(self, offset, size):
        first, last = offset // BLOCK, (offset + size - 1) // BLOCK
        for number in [one for one in self.blocks if first <= one <= last]:
            begin = max(offset - number * BLOCK, 0)
            end = min(offset + size - number * BLOCK, BLOCK)
            self.blocks[number][begin:end] = bytes(end - begin)

    def write(self, offset, data):
        at = 0
        while at < len(data):
            number, begin = divmod(offset + at, BLOCK)
            part = data[at:at + BLOCK - begin]
            block = self.blocks.setdefault(number, bytearray(BLOCK))
            block[begin:begin + len(part)] = part
            at += len(part)

    def save(self, path, size):
        with open(path, "wb") as file:
            file.truncate(size)
            for number in sorted(self.blocks):
                left = size - number * BLOCK
                if left > 0:
                    file.seek(number * BLOCK)
                    file.write(self.blocks[number][:left])


class File:
    def __init__(self):
        self.kept, self.kept_size, self.size = Bytes(), 0, 0
        self.waiting = []  # (record, offset, bytes or how many zeros)
        self.sizes = []  # (record, size)

    def put(self, record, offset, data):
        length = data if isinstance(data, int) else len(data)
        self.waiting.append((record, offset, data))
        if offset + length > self.size:
            self.resize(record, offset + length)

    def resize(self, record, size):
        self.size = size
        self.sizes.append((record, size))

    @staticmethod
    def apply(content, offset, data):
        if isinstance(data, int):
            content.zero(offset, data)
        else:
            content.write(offset, data)

    def synced(self, before):
        """All that was logged before this record is on the disk."""
        for record, offset, data in self.waiting:
            if record < before:
                self.apply(self.kept, offset, data)
        for record, size in self.sizes:
            if record < before:
                self.kept_size = size
        self.waiting = [one for one in self.waiting if one[0] >= before]
        self.sizes = [one for one in self.sizes if one[0] >= before]

    def written_through(self, offset, length):
        """The newest write there is durable, and the size that it needs."""
        place = max(i for i, one in enumerate(self.waiting)
                    if one[1] == offset and (one[2] if isinstance(one[2], int) else len(one[2]))
                    == length)
        _, offset, data = self.waiting.pop(place)
        self.apply(self.kept, offset, data)
        self.kept_size = max(self.kept_size, min(self.size, offset + length))

    def after_a_cut(self, rng, mode):
        """Content and size as the disk may have them."""
        content = self.kept.copy()
        share = rng.random()
        whole = rng.randrange(len(self.waiting) + 1)
        for i, (_, offset, data) in enumerate(self.waiting):
            if mode == "all" or (mode == "writes" and rng.random() < share):
                self.apply(content, offset, data)
            elif mode == "order" and i <= whole:
                if i < whole or isinstance(data, int):
                    self.apply(content, offset, data)
                else:
                    self.apply(content, offset, data[:rng.randrange(len(data) + 1)
                                                     // SECTOR * SECTOR])
            elif mode == "sectors":
                self.sectors(content, offset, data, rng, share)
        sizes = [self.kept_size, *[size for _, size in self.sizes]]
        size = {"none": sizes[0], "all": sizes[-1]}.get(mode, rng.choice(sizes))
        return content, size

    def sectors(self, content, offset, data, rng, share):
        if isinstance(data, int):
            if rng.random() < share:
                content.zero(offset, data)
            return
        at = 0
        while at < len(data):
            step = SECTOR - (offset + at) % SECTOR
            if rng.random() < share:
                content.write(offset + at, data[at:at + step])
            at += step


class Folder:
    def __init__(self):
        self.kept, self.waiting = {}, []  # name -> node; (record, name gone or None, name, node)

    def change(self, record, gone, name, node):
        self.waiting.append((record, gone, name, node))

    @staticmethod
    def apply(names, gone, name, node):
        if gone is not None:
            names.pop(gone, None)
        if name is not None:
            names[name] = node

    def synced(self, before):
        for record, *change in self.waiting:
            if record < before:
                self.apply(self.kept, *change)
        self.waiting = [one for one in self.waiting if one[0] >= before]

    def after_a_cut(self, rng, mode):
        names, share = dict(self.kept), rng.random()
        whole = rng.randrange(len(self.waiting) + 1)
        for i, (_, *change) in enumerate(self.waiting):
            if mode == "all" or (mode == "order" and i < whole) or (
                    mode in ("writes", "sectors") and rng.random() < share):
                self.apply(names, *change)
        return names


class Disk:
    """Takes the log record by record."""

    MODES = ("none", "all", "writes", "sectors", "sectors", "order")

    def __init__(self, root_inode):
        self.root = Folder()
        self.nodes, self.begun = {root_inode: self.root}, {}

    def load(self, path):
        """What lies below the root before the log begins, all of it on the disk."""
        for one in sorted(path.rglob("*")):
            node = Folder()
            if one.is_file():
                node = File()
                node.kept_size = node.size = one.stat().st_size
                data = one.read_bytes()
                for number in range((len(data) + BLOCK - 1) // BLOCK):
                    block = data[number * BLOCK:(number + 1) * BLOCK]
                    if block.strip(b"\0"):
                        node.kept.write(number * BLOCK, block)
            self.nodes[one.stat().st_ino] = node
            self.nodes[one.parent.stat().st_ino].kept[one.name] = node

    def take(self, number, record):
        op, a, b, c, data = record
        node = self.nodes.get(a)
        if op in "CK":
            self.nodes[b] = File() if op == "C" else Folder()
            if node is not None:
                node.change(number, None, data.decode(), self.nodes[b])
        elif op == "L":
            self.begun.clear()
        elif node is None:
            return
        elif op == "W":
            node.put(number, b, data)
        elif op == "Z":
            node.put(number, b, c)
        elif op == "T":
            node.resize(number, b)
        elif op == "A":
            node.resize(number, max(node.size, b))
        elif op == "R":
            old, new = data.split(b"\0")
            if a == b:
                node.change(number, old.decode(), new.decode(), self.nodes[c])
            else:  # each folder may get it without the other
                node.change(number, old.decode(), None, None)
                self.nodes[b].change(number, None, new.decode(), self.nodes[c])
        elif op == "U":
            node.change(number, data.decode(), None, None)
        elif op == "B":
            self.begun[c] = (node, number)
        elif op == "E":
            begun, before = self.begun.pop(c)
            begun.synced(before)
        elif op == "D":
            node.written_through(b, c)

    def save(self, path, rng):
        """Writes one of the images that a cut now may leave. Says which kind."""
        mode = rng.choice(self.MODES)
        self.save_folder(self.root, path, rng, mode)
        return mode

    def save_folder(self, folder, path, rng, mode):
        path.mkdir()
        for name, node in sorted(folder.after_a_cut(rng, mode).items()):
            if isinstance(node, Folder):
                self.save_folder(node, path / name, rng, mode)
            elif name not in LEFT_OUT:
                content, size = node.after_a_cut(rng, mode)
                content.save(path / name, size)
