/** Every collection of graphs that the suite declares by name, for what must hold of all of them. It refuses to judge any. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Graph, graphFromJson, parseGraph } from "@adjoint/core";
import { declareModel } from "examples/textbook-mlp/model.js";
import { readCases } from "examples/torch-cases/format.js";
import { programOf } from "examples/torch-cases/program.js";
import { UnsupportedError } from "examples/torch-cases/unsupported.js";
import { networks } from "../backend-cpu/networks.js";
import { largePrograms } from "../backend-gpu/programs.js";
import { trainingGraph } from "../checkpoint/training.js";
import { trainingText } from "../cli/network.js";
import { smallSettings } from "../conformance/training.js";
import { hard, network } from "../core/programs.js";
import { feedsOf, models } from "../micro-batches/models.js";
import { derivativesOf } from "../ops/derivatives.js";
import { allCases, instantiate, isDifferentiated } from "../ops/instance.js";
import { sharedJson, sharedPath } from "../reference/shared.js";
import { isFixtures, textbookFeeds, textbookGraph } from "../reference/textbook.js";
import { modelNames } from "../reference/torch-models.js";
import { folderOf, referenceOf, trainingsOf } from "../reference/torch-train.js";
import { trainingStep } from "../reference/training.js";
import { gpt, lenet, textbook, transformer, withGradients } from "./networks.js";

export interface Sample {
  readonly graph: Graph;
  /** Elements by input, where the collection has them. */
  readonly feeds?: Readonly<Record<string, ArrayLike<number>>>;
}

export type Named = readonly (readonly [name: string, declare: () => Sample])[];

function filesOf(folder: string, extension: string): [name: string, text: string][] {
  const path = fileURLToPath(new URL(folder, import.meta.url));
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(extension))
    .map((file) => [file, readFileSync(`${path}/${file}`, "utf8")]);
}

function opCases(): Named {
  return allCases().map(([name, item]) => {
    const instance = instantiate(name, item);
    return [name, () => derivativesOf(instance, isDifferentiated(instance) ? 2 : 0)];
  });
}

/** What a golden file starts from, and what it comes to where that is a graph too. */
function goldenStages(): Named {
  const texts = filesOf("../golden", ".ir").flatMap(([file, text]) => {
    const [before = "", after = ""] = text.split("\n==>\n");
    const halves = [before.slice(before.indexOf("graph {")), after].filter((half) =>
      half.startsWith("graph {"),
    );
    return halves.map((half, position) => [`${file}, ${position === 0 ? "before" : "after"}`, half] as const);
  });
  return texts.map(([name, text]) => [name, () => ({ graph: parseGraph(text) })]);
}

function goldenDocuments(): Named {
  const folder = "../golden-documents";
  return [
    ...filesOf(folder, ".ir").map(([name, text]) => [name, () => ({ graph: parseGraph(text) })] as const),
    ...filesOf(folder, ".graph").map(
      ([name, text]) => [name, () => ({ graph: graphFromJson(JSON.parse(text)) })] as const,
    ),
  ];
}

function documents(): Named {
  const declared: Readonly<Record<string, () => Graph>> = {
    textbook,
    "textbook with bias": () => textbook({ bias: true }),
    "textbook as columns": () => textbook({ column: true }),
    "textbook as columns with bias": () => textbook({ bias: true, column: true }),
    lenet,
    transformer,
    gpt,
  };
  return Object.entries(declared).flatMap(([name, declare]) => [
    [name, () => ({ graph: declare() })],
    [`${name}, gradients`, () => ({ graph: withGradients(declare()) })],
  ]);
}

function trainingSteps(): Named {
  return Object.entries(models).flatMap(([name, { declare }]) =>
    (["float32", "float64"] as const).map((dtype): Named[number] => [
      `${name}, ${dtype}`,
      () => ({ graph: declare(dtype), feeds: feedsOf(name, declare(dtype)) }),
    ]),
  );
}

function exampleModel(): Named {
  const { forward, adjoint, train, predict } = declareModel(smallSettings);
  return Object.entries({ forward, adjoint, train, predict: predict(3) }).map(([name, graph]) => [
    name,
    () => ({ graph }),
  ]);
}

/** The collections that are in the repository. */
export const collections: Readonly<Record<string, () => Named>> = {
  "op cases and their derivatives": opCases,
  "training steps": trainingSteps,
  "networks of documents": documents,
  "golden documents": goldenDocuments,
  "golden stages": goldenStages,
  "networks of threads": () => networks.map((declare) => [declare.name, declare]),
  "large programs": () => largePrograms.map((program) => [program.name, () => program]),
  "the example": exampleModel,
  "programs by hand": () => [
    ["network", () => ({ graph: network() })],
    ["hard", () => ({ graph: hard() })],
    ["checkpoint's", () => ({ graph: trainingGraph() })],
    ["command line's", () => ({ graph: parseGraph(trainingText) })],
  ],
};

function fixtures(): Named {
  const json = sharedJson("reference/textbook-mlp/fixtures.json");
  return (isFixtures(json) ? json.cases : []).map((fixture, position) => [
    `fixture ${position}`,
    () => ({ graph: textbookGraph(fixture, "float64"), feeds: textbookFeeds(fixture) }),
  ]);
}

/** The smallest network with every optimizer, the others with one. */
function torchTrainings(): Named {
  return modelNames
    .filter((model) => folderOf(model) !== undefined)
    .flatMap((model) =>
      (model === "gpt" ? trainingsOf(model) : ["adam"]).map((optimizer): Named[number] => [
        `${model}, ${optimizer}`,
        () => ({ graph: trainingStep(referenceOf(model, optimizer, 1)) }),
      ]),
    );
}

/** PyTorch's cases of operators, but for those whose operator or arguments have no counterpart. */
function torchCases(): Named {
  const file = sharedPath("reference/torch-gradients/cases.jsonl.gz");
  return (file === undefined ? [] : readCases(file)).flatMap((torch): Named => {
    try {
      const program = programOf(torch);
      return [[`${torch.op} ${torch.variant} ${torch.sample}`, () => program]];
    } catch (error) {
      if (error instanceof UnsupportedError) return [];
      throw error;
    }
  });
}

/** The collections whose declarations need reference data, with the graphs that each then has. */
export const referenceCollections: Readonly<Record<string, readonly [count: number, declare: () => Named]>> =
  {
    "textbook fixtures": [48, fixtures],
    "PyTorch's trainings": [9, torchTrainings],
    "PyTorch's operators": [661, torchCases],
  };
