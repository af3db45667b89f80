package reference

import (
	"embed"
	"io/fs"
)

//go:embed *.go
var source embed.FS

// Source is the text of this package, by which a certificate says what was explored.
func (System) Source() fs.FS { return source }
