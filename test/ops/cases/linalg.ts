/** Cases of determinants, powers and products of small matrices. */

import { cross, det, logAbsDet, matrixPower, multiDot, slogdet } from "@adjoint/core";
import { type Cases, float, points } from "./case.js";
import { determinant, flat, inverted, matricesOf, product } from "./matrix.js";

const tolerance = { value: 1e-10, difference: 1e-6 };

export const linalg = {
  det: [
    {
      operands: [float([2, 3, 3])],
      build: (a) => det(a),
      value: (a) => matricesOf(a).map(determinant),
      shape: [2],
    },
    {
      operands: [float([4, 4])],
      build: (a) => det(a),
      value: (a) => matricesOf(a).map(determinant),
      tolerance,
    },
    { title: "one by one", operands: [float([2, 1, 1])], build: (a) => det(a), value: (a) => [...a.data] },
    { title: "empty", operands: [float([2, 0, 0])], build: (a) => det(a), value: [1, 1] },
    {
      title: "singular",
      operands: [points([1, 2, 2, 4], [2, 2])],
      build: (a) => det(a),
      value: [0],
      gradients: [[4, -2, -2, 1]],
    },
    {
      title: "by elimination",
      operands: [float([7, 7], -1, 1)],
      order: 1,
      build: (a) => det(a),
      value: (a) => matricesOf(a).map(determinant),
      tolerance,
    },
  ],
  logAbsDet: [
    {
      operands: [float([2, 3, 3])],
      build: (a) => logAbsDet(a),
      value: (a) => matricesOf(a).map((matrix) => Math.log(Math.abs(determinant(matrix)))),
      tolerance,
    },
  ],
  slogdet: [
    {
      operands: [float([4, 3, 3])],
      order: 1,
      build: (a) => Object.values(slogdet(a)),
      value: (a) => {
        const determinants = matricesOf(a).map(determinant);
        return [determinants.map(Math.sign), determinants.map((d) => Math.log(Math.abs(d)))];
      },
      tolerance: { value: 1e-10, difference: 1e-5 },
    },
    {
      title: "singular",
      operands: [points([1, 2, 2, 4], [2, 2])],
      order: 0,
      build: (a) => Object.values(slogdet(a)),
      value: [[0], [-Infinity]],
    },
  ],
  matrixPower: [
    {
      operands: [float([2, 2, 2])],
      build: (a) => matrixPower(a, 5),
      value: (a) => flat(matricesOf(a).map((m) => product(m, product(m, product(m, product(m, m)))))),
    },
    { title: "zero", operands: [float([2, 2])], build: (a) => matrixPower(a, 0), value: [1, 0, 0, 1] },
    {
      title: "negative",
      operands: [float([2, 2])],
      build: (a) => matrixPower(a, -2),
      value: (a) => flat(matricesOf(a).map((m) => product(inverted(m), inverted(m)))),
      tolerance: { value: 1e-8, difference: 1e-4 },
    },
  ],
  multiDot: [
    {
      operands: [float([2, 3]), float([3, 4]), float([4, 2]), float([2, 3])],
      build: (...matrices) => multiDot(matrices),
      value: (...matrices) =>
        flat([matrices.map((m) => matricesOf(m)[0] ?? []).reduce((a, b) => product(a, b))]),
      shape: [2, 3],
    },
    {
      title: "vectors at both ends",
      operands: [float([2]), float([2, 3]), float([3])],
      build: (...matrices) => multiDot(matrices),
      value: (a, b, c) =>
        flat([
          product(
            product([a.data], matricesOf(b)[0] ?? []),
            c.data.map((x) => [x]),
          ),
        ]),
      shape: [],
    },
    { title: "one", operands: [float([2, 2])], build: (a) => multiDot([a]), value: (a) => [...a.data] },
  ],
  cross: [
    {
      operands: [float([2, 3]), float([3])],
      build: (a, b) => cross(a, b),
      value: (a, b) => {
        const [x = 0, y = 0, z = 0] = b.data;
        return [0, 3].flatMap((start) => {
          const [u = 0, v = 0, w = 0] = a.data.slice(start, start + 3);
          return [v * z - w * y, w * x - u * z, u * y - v * x];
        });
      },
    },
    {
      title: "first axis",
      operands: [points([1, 0, 0], [3, 1]), points([0, 1, 0], [3, 1])],
      build: (a, b) => cross(a, b, 0),
      value: [0, 0, 1],
    },
  ],
} satisfies Cases;
