package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// Names of the files of a study, beside the study itself. The page is written by package page.
const (
	PageFile     = "report.html"
	JSONFile     = "results.json"
	CSVFile      = "results.csv"
	MarkdownFile = "results.md"
	SVGFile      = "front.svg"
	PNGFile      = "front.png"
)

// File is a file of a study with what writes it.
type File struct {
	Name  string
	Write func(io.Writer, Results) error
}

// files are those that this package writes.
var files = []File{
	{JSONFile, WriteJSON},
	{CSVFile, WriteCSV},
	{MarkdownFile, WriteMarkdown},
	{SVGFile, WriteFrontSVG},
	{PNGFile, WriteFrontPNG},
}

func fileNames() []string {
	names := []string{PageFile}
	for _, f := range files {
		names = append(names, f.Name)
	}
	return names
}

// Save writes the files of r, and more if given, into the folder dir, which must exist. Other files of the folder are
// left alone. Everything is written and flushed under temporary names before the first file is
// replaced, so that on a full disk, or when the process dies on the way, the earlier files are still
// whole; the error names the folder and what to do.
func Save(dir string, r Results, more ...File) error {
	all := slices.Concat(files, more)
	contents, err := render(all, r)
	if err != nil {
		return err
	}
	return replace(dir, all, contents, createFile)
}

// render returns the content of each of the files.
func render(files []File, r Results) ([][]byte, error) {
	contents := make([][]byte, len(files))
	for i, f := range files {
		var b bytes.Buffer
		if err := f.Write(&b, r); err != nil {
			return nil, fmt.Errorf("make %s: %w", f.Name, err)
		}
		contents[i] = b.Bytes()
	}
	return contents, nil
}

// file is what saving needs of an *os.File.
type file interface {
	io.WriteCloser
	Sync() error
}

func createFile(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
}

// replace replaces the files of dir, the new ones being made by create.
func replace(dir string, files []File, contents [][]byte, create func(path string) (file, error)) (err error) {
	// The names are fixed: what a killed process left is replaced by the next one, and a study is
	// open in one process at a time.
	temporary := func(name string) string { return filepath.Join(dir, "."+name+".new") }
	defer func() {
		if err != nil {
			for _, f := range files {
				// What cannot be removed now is overwritten by the next Save.
				_ = os.Remove(temporary(f.Name))
			}
			err = explain(dir, err)
		}
	}()
	for i, f := range files {
		if err := writeFile(temporary(f.Name), contents[i], create); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := os.Rename(temporary(f.Name), filepath.Join(dir, f.Name)); err != nil {
			return err
		}
	}
	return syncFolder(dir)
}

// writeFile writes content and flushes it to the disk.
func writeFile(path string, content []byte, create func(string) (file, error)) error {
	f, err := create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// syncFolder makes the renames last. Systems that cannot flush a folder are left to their own means.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// explain says what an error means for the folder and what can be done.
func explain(dir string, err error) error {
	way := "run the same command again"
	switch {
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		way = "free some space and " + way
	case errors.Is(err, fs.ErrNotExist):
		way = "create the folder and " + way
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS):
		way = "make the folder writable and " + way
	}
	return fmt.Errorf("cannot save the results in %s: %w; files saved there earlier are whole; %s", dir, err, way)
}
