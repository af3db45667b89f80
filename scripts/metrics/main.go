// Command metrics serves the counts of kept campaigns as OpenMetrics text, while they go on:
//
//	go run -C scripts/metrics . -listen 127.0.0.1:9101 DIR...
//
// A DIR is the folder of a campaign (fuzz -campaign DIR), which any number of processes may
// extend. Each request reads the folders, and nothing is written. It is a module of its own
// for the client library of Prometheus.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"raftcheck/fuzz/campaign"
)

func main() {
	address := flag.String("listen", "127.0.0.1:0", "serve at `ADDRESS` of loopback")
	flag.Parse()
	if err := serve(*address, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "metrics:", err)
		os.Exit(1)
	}
}

// serve serves the campaigns of folders until a signal.
func serve(address string, paths []string) error {
	folders, err := open(paths)
	if err != nil {
		return err
	}
	listener, err := listen(address)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/metrics\n", listener.Addr())
	server := &http.Server{Handler: handler(folders), ReadHeaderTimeout: 10 * time.Second}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// open opens the folders of campaigns. Each is known by the last part of its path.
func open(paths []string) (map[string]*campaign.Folder, error) {
	if len(paths) == 0 {
		return nil, errors.New("expected the folder of a campaign, found none")
	}
	folders := map[string]*campaign.Folder{}
	for _, path := range paths {
		folder, err := campaign.Open(path)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(path)
		if folders[name] != nil {
			return nil, fmt.Errorf("expected folders of different names, found two of %q", name)
		}
		folders[name] = folder
	}
	return folders, nil
}

// listen listens at an address, which must be of loopback.
func listen(address string) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil || !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("expected -listen with an address of loopback, found %q", address)
	}
	return net.ListenTCP("tcp", resolved)
}

// handler answers requests for the metrics. A folder that cannot be read is an error of the
// request.
func handler(folders map[string]*campaign.Folder) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector(folders))
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	return mux
}
