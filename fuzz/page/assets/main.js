// Reads the run in the page, and shows it or plays on.

import { load } from "data";
import { Play } from "play";
import { Run } from "run";
import { View } from "view";

const data = await load();
const main = document.getElementById("main");
if (document.body.dataset.play) new Play(data, main);
else new View(new Run(data), main);
document.documentElement.dataset.ready = data.steps.length;
