// vmihailenco/msgpack of Go: lines of what an event holds in, events behind their lengths out.
package main

import (
	"bufio"
	"encoding/binary"
	"os"
	"strconv"
	"strings"

	"github.com/vmihailenco/msgpack/v5"
)

type event struct {
	ID      string                 `msgpack:"id"`
	Source  string                 `msgpack:"source"`
	Type    string                 `msgpack:"type"`
	Subject string                 `msgpack:"subject"`
	Time    *string                `msgpack:"time"` // nil, as it is not set
	Data    map[string]interface{} `msgpack:"data"`
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		part := strings.Split(lines.Text(), "\t")
		var made interface{}
		switch part[4] {
		case "empty":
			made = ""
		case "number":
			number, err := strconv.ParseInt(part[5], 10, 64)
			if err != nil {
				panic(err)
			}
			made = number
		case "text":
			made = part[5]
		case "bytes":
			made = []byte(part[5])
		}
		bytes, err := msgpack.Marshal(&event{ID: part[0], Source: "encoder", Type: part[1], Subject: part[2],
			Data: map[string]interface{}{"customer": "c-" + part[0], "channel": "phone",
				"unit": "xj/urumqi/d3", part[3]: made}})
		if err != nil {
			panic(err)
		}
		if err := binary.Write(out, binary.BigEndian, uint32(len(bytes))); err != nil {
			panic(err)
		}
		out.Write(bytes)
	}
}
