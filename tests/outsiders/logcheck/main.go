// Logcheck verifies a tlog-tiles log folder with golang.org/x/mod/sumdb/{tlog,note} and nothing of the
// program that wrote it.
//
// Usage: logcheck VERIFIER-KEY-FILE LOG-FOLDER [CHECKPOINTS-FOLDER]
//
// It checks the checkpoint's signature, the root from the entry bundles and from the tiles, the inclusion
// of every entry, the consistency with every older checkpoint, and that no stray file lies there.
// Exit status 0 and one line "ok SIZE ROOT"; otherwise 1 and the reason.
//
// Build on Debian: GO111MODULE=off GOPATH=/usr/share/gocode go build (golang-golang-x-mod-dev).
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // of tlog-tiles; x/mod's own paths name it, tlog-tiles' do not
const width = 1 << height

type checkpoint struct {
	size int64
	root tlog.Hash
}

// readCheckpoint opens a signed note and parses its text, which x/mod's own tree format does not fit.
func readCheckpoint(path string, verifier note.Verifier) (checkpoint, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return checkpoint{}, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, fmt.Errorf("%s: %v", path, err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return checkpoint{}, fmt.Errorf("%s: not a checkpoint of %s", path, verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, fmt.Errorf("%s: not a size: %q", path, lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return checkpoint{}, fmt.Errorf("%s: not a root: %q", path, lines[2])
	}
	found := checkpoint{size: size}
	copy(found.root[:], root)
	return found, nil
}

// place is N in groups of three digits, all but the last with an x before them.
func place(n int64) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	return path
}

func tilePath(level string, n int64, w int) string {
	path := "tile/" + level + "/" + place(n)
	if w < width {
		path += fmt.Sprintf(".p/%d", w)
	}
	return path
}

// folder reads x/mod's tiles from tlog-tiles' paths.
type folder struct{ root string }

func (f folder) Height() int                                { return height }
func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := tilePath(strconv.Itoa(tile.L), tile.N, tile.W)
		data, err := os.ReadFile(filepath.Join(f.root, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// readEntries parses the bundles of the first size entries.
func readEntries(root string, size int64) ([][]byte, error) {
	var entries [][]byte
	for n := int64(0); n*width < size; n++ {
		w := width
		if size-n*width < width {
			w = int(size - n*width)
		}
		path := filepath.Join(root, tilePath("entries", n, w))
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for i := 0; i < w; i++ {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s: cut short", path)
			}
			length := int(binary.BigEndian.Uint16(data))
			entries = append(entries, data[2:2+length])
			data = data[2+length:]
		}
		if len(data) > 0 {
			return nil, fmt.Errorf("%s: bytes after the last entry", path)
		}
	}
	return entries, nil
}

// tree is every stored hash of a tree, computed from the entries alone.
type tree struct{ hashes []tlog.Hash }

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("no stored hash %d", index)
		}
		found[i] = t.hashes[index]
	}
	return found, nil
}

func buildTree(entries [][]byte) (*tree, error) {
	built := &tree{}
	for n, entry := range entries {
		stored, err := tlog.StoredHashes(int64(n), entry, built)
		if err != nil {
			return nil, err
		}
		built.hashes = append(built.hashes, stored...)
	}
	return built, nil
}

var tileName = regexp.MustCompile(`^tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?$`)

// checkFiles refuses every file that is no tile or bundle of a tree of this size, and compares each tile
// with the hashes that the entries give.
func checkFiles(root string, size int64, built *tree) error {
	seen := make(map[string]bool)
	err := filepath.WalkDir(root, func(path string, item fs.DirEntry, err error) error {
		if err != nil || item.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		seen[name] = true
		if name == "checkpoint" {
			return nil
		}
		return checkFile(root, name, item, size, built)
	})
	if err != nil {
		return err
	}
	for level := 0; size>>(height*level) > 0; level++ {
		count := size >> (height * level)
		for n := int64(0); n*width < count; n++ {
			w := width
			if count-n*width < width {
				w = int(count - n*width)
			}
			if name := tilePath(strconv.Itoa(level), n, w); !seen[name] {
				return fmt.Errorf("%s is missing", name)
			}
		}
	}
	return nil
}

func checkFile(root, name string, item fs.DirEntry, size int64, built *tree) error {
	match := tileName.FindStringSubmatch(name)
	if match == nil || !item.Type().IsRegular() {
		return fmt.Errorf("stray file %s", name)
	}
	n, err := strconv.ParseInt(strings.NewReplacer("x", "", "/", "").Replace(match[2]), 10, 64)
	if err != nil {
		return fmt.Errorf("stray file %s", name)
	}
	w := width
	if match[3] != "" {
		w, _ = strconv.Atoi(match[3])
	}
	level := 0
	if match[1] != "entries" {
		level, _ = strconv.Atoi(match[1])
	}
	if level > 7 || w > width || tilePath(match[1], n, w) != name || n*width+int64(w) > size>>(height*level) {
		return fmt.Errorf("stray file %s", name)
	}
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return err
	}
	if match[1] == "entries" {
		return checkBundle(name, data, n, w, built)
	}
	want, err := tlog.ReadTileData(tlog.Tile{H: height, L: level, N: n, W: w}, built)
	if err != nil {
		return err
	}
	if !bytes.Equal(data, want) {
		return fmt.Errorf("%s does not hold the hashes of the entries below it", name)
	}
	return nil
}

// checkBundle compares a bundle, partial ones of earlier sizes too, with the leaf hashes of the tree.
func checkBundle(name string, data []byte, n int64, w int, built *tree) error {
	for i := 0; i < w; i++ {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return fmt.Errorf("%s: cut short", name)
		}
		length := int(binary.BigEndian.Uint16(data))
		leaf := built.hashes[tlog.StoredHashIndex(0, n*width+int64(i))]
		if tlog.RecordHash(data[2:2+length]) != leaf {
			return fmt.Errorf("%s: entry %d is another one", name, i)
		}
		data = data[2+length:]
	}
	if len(data) > 0 {
		return fmt.Errorf("%s: bytes after the last entry", name)
	}
	return nil
}

// treeHash is tlog.TreeHash with the empty tree, which x/mod of Debian 12 leaves zero.
func treeHash(size int64, reader tlog.HashReader) (tlog.Hash, error) {
	if size == 0 {
		return tlog.ParseHash("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	}
	return tlog.TreeHash(size, reader)
}

func checkOlder(root string, newest checkpoint, verifier note.Verifier, tiles tlog.HashReader) error {
	items, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, item := range items {
		older, err := readCheckpoint(filepath.Join(root, item.Name()), verifier)
		if err != nil {
			return err
		}
		if item.Name() != strconv.FormatInt(older.size, 10) || older.size > newest.size {
			return fmt.Errorf("older checkpoint %s is of size %d", item.Name(), older.size)
		}
		if older.size == 0 {
			empty, _ := treeHash(0, nil)
			if older.root != empty {
				return fmt.Errorf("older checkpoint 0 has another root than the empty tree")
			}
			continue
		}
		proof, err := tlog.ProveTree(newest.size, older.size, tiles)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, newest.size, newest.root, older.size, older.root); err != nil {
			return fmt.Errorf("older checkpoint %s: %v", item.Name(), err)
		}
	}
	return nil
}

func check(keyFile, root, older string) (checkpoint, error) {
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return checkpoint{}, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return checkpoint{}, err
	}
	newest, err := readCheckpoint(filepath.Join(root, "checkpoint"), verifier)
	if err != nil {
		return newest, err
	}
	entries, err := readEntries(root, newest.size)
	if err != nil {
		return newest, err
	}
	built, err := buildTree(entries)
	if err != nil {
		return newest, err
	}
	fromEntries, err := treeHash(newest.size, built)
	if err != nil || fromEntries != newest.root {
		return newest, fmt.Errorf("the entries give another root than the signed one (%v)", err)
	}
	// TileHashReader checks every tile that it reads against the signed root.
	tiles := tlog.TileHashReader(tlog.Tree{N: newest.size, Hash: newest.root}, folder{root})
	if fromTiles, err := treeHash(newest.size, tiles); err != nil || fromTiles != newest.root {
		return newest, fmt.Errorf("the tiles give another root than the signed one (%v)", err)
	}
	if err := checkFiles(root, newest.size, built); err != nil {
		return newest, err
	}
	for n, entry := range entries {
		proof, err := tlog.ProveRecord(newest.size, int64(n), built)
		if err != nil {
			return newest, err
		}
		if err := tlog.CheckRecord(proof, newest.size, newest.root, int64(n), tlog.RecordHash(entry)); err != nil {
			return newest, fmt.Errorf("entry %d: %v", n, err)
		}
	}
	if older != "" {
		err = checkOlder(older, newest, verifier, tiles)
	}
	return newest, err
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("logcheck: ")
	if len(os.Args) < 3 || len(os.Args) > 4 {
		log.Fatal("usage: logcheck VERIFIER-KEY-FILE LOG-FOLDER [CHECKPOINTS-FOLDER]")
	}
	older := ""
	if len(os.Args) == 4 {
		older = os.Args[3]
	}
	newest, err := check(os.Args[1], os.Args[2], older)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ok %d %s\n", newest.size, newest.root)
}
