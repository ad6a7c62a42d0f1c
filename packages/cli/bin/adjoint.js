#!/usr/bin/env node
// The command. It stands outside dist so that package managers find it before the first build.

import "../dist/bin.js";
