#!/bin/bash -eu
exec scripts/libfuzzer/build
