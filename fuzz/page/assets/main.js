// Reads the run in the page and shows it.

import { load } from "data";
import { Run } from "run";
import { View } from "view";

const view = new View(new Run(await load()), document.getElementById("main"));
document.documentElement.dataset.ready = view.run.steps.length;
