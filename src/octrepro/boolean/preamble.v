(** * Which networks compute f: proofs for every D, A, B and x

    Written by the stage `boolean` from params.yaml; `make prove` checks it. Nothing is assumed: no axiom, no
    admitted goal. Part 1 is the question, part 2 what is true of all networks, part 3 single perceptrons,
    part 4 (after the tactics) the constructions.

    Inputs that have moved are rational points. A statement below that holds for them holds for real points
    too: h depends on the sum of its inputs alone and changes at finitely many rational sums. *)

From Coq Require Import ZArith QArith Qabs Qround List Bool Lia Lqa.
Import ListNotations.
Open Scope Z_scope.

(** ** 1. The question *)

(** A vertex is a list of -1 and +1; its length is D. *)
Definition vertex (x : list Z) : Prop := Forall (fun v => v = -1 \/ v = 1) x.
Definition dimension (x : list Z) : Z := Z.of_nat (length x).
Definition sum (x : list Z) : Z := fold_right Z.add 0 x.
Definition interval (D A B : Z) : Prop := 1 <= D /\ - D <= A /\ A <= B /\ B <= D.
Definition f (A B : Z) (x : list Z) : Z := if (A <=? sum x) && (sum x <=? B) then 1 else -1.

(** A network is evaluated at points of Q^D: vertices, and what becomes of them when inputs move. *)
Definition point : Set := list Q.
Definition at_vertex (x : list Z) : point := map inject_Z x.
Fixpoint moved (p d : point) : point :=
  match p, d with e :: p', a :: d' => (e + a)%Q :: moved p' d' | _, _ => p end.
Definition along (t : Q) (v : point) : point := map (Qmult t) v.
Fixpoint dot (w p : point) : Q :=
  match w, p with a :: w', e :: p' => (a * e + dot w' p')%Q | _, _ => 0%Q end.

Definition sign (z : Q) : Z := if Qle_bool 0 z then 1 else -1.
Definition relu (z : Q) : Q := if Qle_bool 0 z then z else 0%Q.
Inductive activation := Sign | Relu.
Definition activate (g : activation) (z : Q) : Q :=
  match g with Sign => inject_Z (sign z) | Relu => relu z end.

(** Two hidden units, each with one integer weight for all its inputs, and one sign unit as output. Biases are
    functions of A, B and D. *)
Record network := Network {
  hidden : activation;
  weight_1 : Z; bias_1 : Z -> Z -> Z -> Z;
  weight_2 : Z; bias_2 : Z -> Z -> Z -> Z;
  output_1 : Z; output_2 : Z; output_bias : Z -> Z -> Z -> Z }.

Definition unit (w b : Z) (p : point) : Q :=
  (dot (repeat (inject_Z w) (length p)) p + inject_Z b)%Q.
Definition h (N : network) (A B : Z) (p : point) : Z :=
  let D := Z.of_nat (length p) in
  sign (inject_Z (output_1 N) * activate (hidden N) (unit (weight_1 N) (bias_1 N A B D) p)
      + inject_Z (output_2 N) * activate (hidden N) (unit (weight_2 N) (bias_2 N A B D) p)
      + inject_Z (output_bias N A B D))%Q.

Definition computes (N : network) : Prop := forall A B x,
  vertex x -> interval (dimension x) A B -> h N A B (at_vertex x) = f A B x.

(** h(x + t v) -> h(x) as t -> 0+: a function with the values -1 and +1 tends to what it becomes. *)
Definition robust (N : network) : Prop := computes N /\ forall A B x v,
  vertex x -> interval (dimension x) A B -> length v = length x ->
  exists e, (0 < e)%Q /\ forall t, (0 < t < e)%Q ->
    h N A B (moved (at_vertex x) (along t v)) = h N A B (at_vertex x).

(** The radius m / D: every input may move by less than that. *)
Definition keeps (N : network) (m : Q) : Prop := forall A B x d,
  vertex x -> interval (dimension x) A B -> length d = length x ->
  Forall (fun a => Qabs a < m / inject_Z (dimension x))%Q d ->
  h N A B (moved (at_vertex x) d) = f A B x.
Definition margin (N : network) (m : Q) : Prop := keeps N m /\ forall r, (m < r)%Q -> ~ keeps N r.

(** One perceptron of any D integer weights. *)
Definition perceptron (w : list Z) (b : Z) (x : list Z) : Z :=
  sign (dot (map inject_Z w) (at_vertex x) + inject_Z b).
Definition separable (D : nat) (A B : Z) : Prop := exists w b,
  length w = D /\ forall x, vertex x -> length x = D -> perceptron w b x = f A B x.

(** ** 2. From points to sums, from sums to integers

    The attainable sums are -D, -D + 2, ..., D, and h depends on the sum of its inputs alone. *)
Lemma attainable x : vertex x -> exists k, sum x = 2 * k - dimension x /\ 0 <= k <= dimension x.
Proof.
  unfold dimension. induction 1 as [|v r [V|V] _ (k & E & K)]; cbn [sum fold_right length].
  - exists 0; cbn; lia.
  - fold (sum r). exists k; lia.
  - fold (sum r). exists (k + 1); lia.
Qed.

Definition total (p : point) : Q := fold_right Qplus 0%Q p.

Lemma unit_total w b p : (unit w b p == inject_Z w * total p + inject_Z b)%Q.
Proof.
  unfold unit. enough (H : (dot (repeat (inject_Z w) (length p)) p == inject_Z w * total p)%Q) by (rewrite H; reflexivity).
  induction p as [|e p IH]; cbn -[inject_Z]; [ring | rewrite IH; unfold total; ring].
Qed.

Lemma total_vertex x : (total (at_vertex x) == inject_Z (sum x))%Q.
Proof.
  induction x as [|v x IH]; cbn -[inject_Z]; [reflexivity|].
  fold (sum x) (total (at_vertex x)). rewrite IH, inject_Z_plus. reflexivity.
Qed.

Lemma total_moved p : forall d, length d = length p -> (total (moved p d) == total p + total d)%Q.
Proof.
  induction p as [|e p IH]; destruct d as [|a d]; cbn; try discriminate; intros E; [reflexivity|].
  injection E as E. fold (total (moved p d)) (total p) (total d). rewrite (IH d E). ring.
Qed.

Lemma length_moved p : forall d, length (moved p d) = length p.
Proof. induction p; destruct d; cbn; auto. Qed.

Lemma total_along t v : (total (along t v) == t * total v)%Q.
Proof. induction v as [|a v IH]; cbn; [ring | fold (total v) (total (along t v)); rewrite IH; ring]. Qed.

Lemma total_repeat a n : (total (repeat a n) == inject_Z (Z.of_nat n) * a)%Q.
Proof.
  induction n as [|n IH]; [cbn; ring|].
  cbn [repeat total fold_right]. fold (total (repeat a n)). rewrite IH, Nat2Z.inj_succ. unfold Z.succ. rewrite inject_Z_plus. ring.
Qed.

Global Instance sign_proper : Proper (Qeq ==> eq) sign.
Proof. intros a b E. unfold sign. rewrite E. reflexivity. Qed.
Global Instance activate_proper g : Proper (Qeq ==> Qeq) (activate g).
Proof. intros a b E. unfold activate, relu. destruct g; rewrite ?E; [reflexivity|]. destruct (Qle_bool 0 b); [exact E|reflexivity]. Qed.

(** h as a function of the sum of its inputs. *)
Definition at_sum (N : network) (A B D : Z) (s : Q) : Z :=
  sign (inject_Z (output_1 N) * activate (hidden N) (inject_Z (weight_1 N) * s + inject_Z (bias_1 N A B D))
      + inject_Z (output_2 N) * activate (hidden N) (inject_Z (weight_2 N) * s + inject_Z (bias_2 N A B D))
      + inject_Z (output_bias N A B D))%Q.
Global Instance at_sum_proper N A B D : Proper (Qeq ==> eq) (at_sum N A B D).
Proof. intros a b E. unfold at_sum. rewrite E. reflexivity. Qed.

Lemma h_total N A B p : h N A B p = at_sum N A B (Z.of_nat (length p)) (total p).
Proof. unfold h, at_sum. cbv zeta. rewrite !unit_total. reflexivity. Qed.

(** If every slope of the network divides L, then H changes at multiples of 1 / L alone. So the integer
    j = 2 L s stands for the sum s = k / L, and j = 2 k + 1 for all s between k / L and (k + 1) / L. *)
Definition sign_z (z : Z) : Z := if 0 <=? z then 1 else -1.
Definition relu_z (z : Z) : Z := if 0 <=? z then z else 0.
Definition grid (N : network) (L A B D j : Z) : Z :=
  let g z := match hidden N with Sign => sign_z z | Relu => relu_z z end in
  let scale := match hidden N with Sign => 1 | Relu => 2 * L end in
  sign_z (output_1 N * g (weight_1 N * j + 2 * L * bias_1 N A B D)
        + output_2 N * g (weight_2 N * j + 2 * L * bias_2 N A B D)
        + scale * output_bias N A B D).

Definition divides (a L : Z) : bool := (a =? 0) || (L mod a =? 0).
Definition fits (N : network) (L : Z) : bool :=
  let a := weight_1 N in let b := weight_2 N in let v := output_1 N in let u := output_2 N in
  (0 <? L) && divides a L && divides b L &&
  match hidden N with Sign => true | Relu => divides (v * a) L && divides (u * b) L && divides (v * a + u * b) L end.

Ltac every_case := repeat match goal with |- context [?a <=? ?b] =>
  lazymatch b with context [if _ then _ else _] => fail | _ => destruct (Z.leb_spec a b) end end.

Lemma sign_cases z : ((0 <= z)%Q /\ sign z = 1) \/ ((z < 0)%Q /\ sign z = -1).
Proof.
  unfold sign. destruct (Qle_bool 0 z) eqn:E; [left|right]; split; trivial.
  - apply Qle_bool_iff, E.
  - apply Qnot_le_lt. intros F. apply Qle_bool_iff in F. congruence.
Qed.
Lemma sign_z_cases z : (0 <= z /\ sign_z z = 1) \/ (z < 0 /\ sign_z z = -1).
Proof. unfold sign_z. destruct (Z.leb_spec 0 z); auto. Qed.
Lemma relu_cases z : (0 <= z /\ relu z = z)%Q \/ (z < 0 /\ relu z = 0)%Q.
Proof.
  unfold relu. destruct (Qle_bool 0 z) eqn:E; [left|right]; split; trivial.
  - apply Qle_bool_iff, E.
  - apply Qnot_le_lt. intros F. apply Qle_bool_iff in F. congruence.
Qed.
Lemma relu_z_cases z : (0 <= z /\ relu_z z = z) \/ (z < 0 /\ relu_z z = 0).
Proof. unfold relu_z. destruct (Z.leb_spec 0 z); auto. Qed.

Definition stands_for (L j : Z) (s : Q) : Prop :=
  (exists k, j = 2 * k /\ (inject_Z L * s == inject_Z k)%Q) \/
  (exists k, j = 2 * k + 1 /\ (inject_Z k < inject_Z L * s < inject_Z k + 1)%Q).

Lemma le_q a b : a <= b <-> (inject_Z a <= inject_Z b)%Q.
Proof. unfold Qle; cbn; lia. Qed.
Lemma lt_q a b : a < b <-> (inject_Z a < inject_Z b)%Q.
Proof. unfold Qlt; cbn; lia. Qed.

(* Facts about integers, carried over to the rationals for lra. *)
Ltac to_q := repeat match goal with
  | E : (_ <= _)%Z |- _ => apply le_q in E
  | E : (_ < _)%Z |- _ => apply lt_q in E
  | E : (_ = _ :> Z)%Z |- _ => apply (f_equal inject_Z) in E
  end; rewrite ?inject_Z_plus, ?inject_Z_mult, ?inject_Z_opp in *;
  change (inject_Z 0) with 0%Q in *; change (inject_Z 1) with 1%Q in *; change (inject_Z 2) with 2%Q in *.

(* An affine function whose slope divides L has one sign on all that j stands for. *)
Lemma affine a n L j s : 0 < L -> divides a L = true -> stands_for L j s ->
  (0 <= a * j + 2 * L * n <-> (0 <= inject_Z a * s + inject_Z n)%Q).
Proof.
  intros Lp Dv St.
  assert (Sc : (0 <= inject_Z a * s + inject_Z n <-> 0 <= inject_Z a * (inject_Z L * s) + inject_Z (L * n))%Q).
  { clear St Dv. to_q. split; intros G; nra. }
  rewrite Sc. clear Sc. destruct St as [(k & -> & E)|(k & -> & E1 & E2)].
  - rewrite E, <- inject_Z_mult, <- inject_Z_plus. change 0%Q with (inject_Z 0). rewrite <- le_q. lia.
  - apply orb_prop in Dv. destruct Dv as [Dv|Dv]; apply Z.eqb_eq in Dv.
    + subst a. change (inject_Z 0) with 0%Q. rewrite Qmult_0_l, Qplus_0_l. change 0%Q with (inject_Z 0).
      rewrite <- le_q. nia.
    + apply Z.mod_divide in Dv; [|intros ->; rewrite Zmod_0_r in Dv; lia].
      destruct Dv as [q ->].
      assert (G : (inject_Z a * (inject_Z (q * a) * s) + inject_Z (q * a * n)
                 == inject_Z a * (inject_Z (q * a) * s + inject_Z (q * n)))%Q)
        by (rewrite !inject_Z_mult; ring).
      rewrite G. clear G. set (u := (inject_Z (q * a) * s)%Q) in *. set (m := q * n).
      replace (a * (2 * k + 1) + 2 * (q * a) * n) with (a * (2 * (k + m) + 1)) by (unfold m; ring).
      clearbody u m. clear Lp.
      destruct (Z_le_gt_dec 0 (k + m)) as [P|P]; [|assert (P' : k + m + 1 <= 0) by lia; clear P];
        (destruct (Z.lt_trichotomy a 0) as [Q0|[->|Q0]];
         [ | change (inject_Z 0) with 0%Q; rewrite Qmult_0_l; split; intros; [apply Qle_refl|lia] | ]);
        (split; intros F; [try (exfalso; nia); to_q; nra | try nia; exfalso; to_q; nra]).
Qed.

Lemma sign_affine z q : (0 <= z <-> (0 <= q)%Q) -> sign_z z = sign q.
Proof.
  intros E. destruct (sign_z_cases z) as [(P & ->)|(P & ->)], (sign_cases q) as [(R & ->)|(R & ->)];
    trivial; exfalso; [apply E in P; lra | apply E in R; lia].
Qed.

Lemma sign_affine_form a n L j s z q : 0 < L -> divides a L = true -> stands_for L j s ->
  z = a * j + 2 * L * n -> (q == inject_Z a * s + inject_Z n)%Q -> sign_z z = sign q.
Proof. intros Lp Dv St -> E. apply sign_affine. rewrite E. apply affine; assumption. Qed.

Lemma grid_at_sum N L A B D j s :
  fits N L = true -> stands_for L j s -> grid N L A B D j = at_sum N A B D s.
Proof.
  unfold fits, grid, at_sum. destruct N as [g a b1 c b2 v u o].
  cbn [hidden weight_1 weight_2 output_1 output_2 bias_1 bias_2 output_bias].
  set (m1 := b1 A B D). set (m2 := b2 A B D). set (m := o A B D). clearbody m1 m2 m. clear b1 b2 o A B D.
  rewrite !andb_true_iff, Z.ltb_lt. intros (((F & Fa) & Fc) & Fs) St.
  pose proof (affine a m1 L j s F Fa St) as Ea. pose proof (affine c m2 L j s F Fc St) as Ec.
  destruct g; cbn [activate].
  - rewrite (sign_affine _ _ Ea), (sign_affine _ _ Ec). apply sign_affine.
    rewrite <- !inject_Z_mult, <- !inject_Z_plus. change 0%Q with (inject_Z 0). rewrite <- le_q. lia.
  - rewrite !andb_true_iff in Fs. destruct Fs as ((Fu & Fw) & Fv).
    destruct (relu_z_cases (a * j + 2 * L * m1)) as [(P & ->)|(P & ->)],
      (relu_cases (inject_Z a * s + inject_Z m1)) as [(P' & ->)|(P' & ->)];
      try (exfalso; apply Ea in P; lra); try (exfalso; apply Ea in P'; lia);
    destruct (relu_z_cases (c * j + 2 * L * m2)) as [(R & ->)|(R & ->)],
      (relu_cases (inject_Z c * s + inject_Z m2)) as [(R' & ->)|(R' & ->)];
      try (exfalso; apply Ec in R; lra); try (exfalso; apply Ec in R'; lia);
    [ apply (sign_affine_form (v * a + u * c) (v * m1 + u * m2 + m) L j s _ _ F Fv St)
    | apply (sign_affine_form (v * a) (v * m1 + m) L j s _ _ F Fu St)
    | apply (sign_affine_form (u * c) (u * m2 + m) L j s _ _ F Fw St)
    | apply (sign_affine_form 0 m L j s _ _ F eq_refl St) ];
    rewrite ?inject_Z_plus, ?inject_Z_mult; change (inject_Z 0) with 0%Q; ring.
Qed.

Lemma fits_positive N L : fits N L = true -> 0 < L.
Proof. unfold fits. rewrite !andb_true_iff, Z.ltb_lt. tauto. Qed.

Definition f_sum (A B s : Z) : Z := if (A <=? s) && (s <=? B) then 1 else -1.
Definition attainable_sum (D s : Z) : Prop := exists k, s = 2 * k - D /\ 0 <= k <= D.

Lemma stands_at_vertex L s : stands_for L (2 * L * s) (inject_Z s).
Proof. left. exists (L * s). split; [lia | rewrite inject_Z_mult; reflexivity]. Qed.

(** A statement about integers proves that h computes f. *)
Theorem computes_by_sums N L : fits N L = true ->
  (forall A B D s, interval D A B -> attainable_sum D s -> grid N L A B D (2 * L * s) = f_sum A B s) ->
  computes N.
Proof.
  intros F G A B x V I. rewrite h_total. unfold at_vertex at 1. rewrite map_length.
  change (f A B x) with (f_sum A B (sum x)). rewrite <- (G A B (dimension x) (sum x) I (attainable x V)).
  symmetry. rewrite total_vertex. apply grid_at_sum; [exact F | apply stands_at_vertex].
Qed.

Lemma stands_near L M m s r : 0 < L -> (inject_Z L * m == inject_Z M)%Q ->
  (- m < r - inject_Z s < m)%Q -> exists j, stands_for L j r /\ -2 * M < j - 2 * L * s < 2 * M.
Proof.
  intros Lp E R. set (u := (inject_Z L * r)%Q). set (k := Qfloor u).
  pose proof (Qfloor_le u) as K1. pose proof (Qlt_floor u) as K2. fold k in K1, K2.
  assert (U : (inject_Z (L * s - M) < u < inject_Z (L * s + M))%Q).
  { unfold u. apply lt_q in Lp. change (inject_Z 0) with 0%Q in Lp. unfold Z.sub.
    rewrite !inject_Z_plus, inject_Z_opp, !inject_Z_mult, <- E. split; nra. }
  rewrite inject_Z_plus in K2. change (inject_Z 1) with 1%Q in K2.
  destruct (Qeq_dec u (inject_Z k)) as [H|H].
  - exists (2 * k). split; [left; exists k; auto|]. rewrite H in U. rewrite <- !lt_q in U. lia.
  - exists (2 * k + 1). split; [right; exists k; split; [reflexivity|fold u; split; [|exact K2]]|].
    + apply Qle_lteq in K1. destruct K1 as [K1|K1]; [exact K1 | exfalso; apply H; symmetry; exact K1].
    + assert (k < L * s + M) by (apply lt_q; lra).
      assert (L * s - M < k + 1) by (apply lt_q; rewrite (inject_Z_plus k 1); change (inject_Z 1) with 1%Q; lra).
      lia.
Qed.

Lemma total_below r d : Forall (fun a => Qabs a < r)%Q d -> d <> [] ->
  (- (inject_Z (Z.of_nat (length d)) * r) < total d < inject_Z (Z.of_nat (length d)) * r)%Q.
Proof.
  induction 1 as [|a d Ha Hd IH]; [congruence|]. intros _. apply Qabs_Qlt_condition in Ha.
  cbn [length total fold_right]. fold (total d). rewrite Nat2Z.inj_succ. unfold Z.succ. rewrite inject_Z_plus.
  change (inject_Z 1) with 1%Q. destruct d as [|b d]; [cbn [length total fold_right Z.of_nat]; change (inject_Z 0) with 0%Q; lra|].
  assert (IH' := IH ltac:(discriminate)). lra.
Qed.

(** A statement about integers proves that m / D is a radius. *)
Theorem keeps_by_sums N L M m : fits N L = true -> (inject_Z L * m == inject_Z M)%Q ->
  (forall A B D s j, interval D A B -> attainable_sum D s -> -2 * M < j - 2 * L * s < 2 * M ->
     grid N L A B D j = f_sum A B s) ->
  keeps N m.
Proof.
  intros F E G A B x d V I Ld Hd. rewrite h_total, length_moved. unfold at_vertex at 1. rewrite map_length.
  change (f A B x) with (f_sum A B (sum x)).
  pose proof (fits_positive N L F) as Lp.
  assert (T : (- m < total (moved (at_vertex x) d) - inject_Z (sum x) < m)%Q).
  { rewrite total_moved by (unfold at_vertex; rewrite map_length; exact Ld). rewrite total_vertex.
    assert (Dp : (0 < inject_Z (dimension x))%Q) by (destruct I as (I & _); change 0%Q with (inject_Z 0); rewrite <- lt_q; lia).
    assert (Nd : d <> []) by (intros ->; destruct x; [destruct I as (I & _); cbn in I; lia | discriminate]).
    pose proof (total_below _ d Hd Nd) as K. rewrite Ld in K. fold (dimension x) in K.
    assert (Q : (inject_Z (dimension x) * (m / inject_Z (dimension x)) == m)%Q) by (field; lra).
    rewrite Q in K. lra. }
  destruct (stands_near L M m (sum x) _ Lp E T) as (j & St & J).
  rewrite <- (G A B (dimension x) (sum x) j I (attainable x V) J). symmetry.
  apply grid_at_sum; [exact F | exact St].
Qed.

Lemma bounded (v : point) : exists b, (0 < b)%Q /\ Forall (fun a => Qabs a < b)%Q v.
Proof.
  induction v as [|a v (b & Bp & Bv)]; [exists 1%Q; split; [reflexivity|constructor]|].
  exists (b + Qabs a)%Q. pose proof (Qabs_nonneg a). split; [lra|]. constructor; [lra|].
  eapply Forall_impl; [|exact Bv]. cbn. intros c C. lra.
Qed.

(** A radius m / D > 0 makes h robust. *)
Theorem robust_by_keeps N m : (0 < m)%Q -> keeps N m -> robust N.
Proof.
  intros Mp K.
  assert (Pos : forall x A B, interval (dimension x) A B -> (0 < inject_Z (dimension x))%Q)
    by (intros x A B (I & _); change 0%Q with (inject_Z 0); rewrite <- lt_q; lia).
  assert (C : computes N).
  { intros A B x V I. pose proof (Pos x A B I) as Dp.
    rewrite <- (K A B x (repeat 0%Q (length x)) V I (repeat_length _ _)).
    - rewrite !h_total, length_moved. apply at_sum_proper.
      rewrite total_moved by (unfold at_vertex; rewrite repeat_length, map_length; reflexivity).
      rewrite total_repeat. ring.
    - assert (P : (0 < m / inject_Z (dimension x))%Q) by (apply Qlt_shift_div_l; lra).
      induction (length x); cbn; constructor; trivial. }
  split; [exact C|]. intros A B x v V I Lv. destruct (bounded v) as (b & Bp & Bv).
  pose proof (Pos x A B I) as Dp.
  assert (Rp : (0 < m / inject_Z (dimension x))%Q) by (apply Qlt_shift_div_l; lra).
  exists (m / inject_Z (dimension x) / b)%Q. split; [apply Qlt_shift_div_l; lra|].
  intros t (T0 & T1). rewrite (C A B x V I). apply K; trivial; [unfold along; rewrite map_length; exact Lv|].
  assert (T2 : (t * b < m / inject_Z (dimension x))%Q).
  { setoid_replace (m / inject_Z (dimension x))%Q with (m / inject_Z (dimension x) / b * b)%Q by (field; split; lra).
    apply Qmult_lt_r; trivial. }
  unfold along. apply Forall_map. eapply Forall_impl; [|exact Bv]. intros a Ha. cbv beta in *.
  rewrite Qabs_Qmult, (Qabs_pos t) by lra. pose proof (Qabs_nonneg a). nra.
Qed.

(** No larger radius: in the direction e, h is wrong at distance m (o = 0) or just beyond it (o = 1). *)
Theorem exact_by_grid N L M m A B x e o : fits N L = true -> (inject_Z L * m == inject_Z M)%Q -> 0 <= M ->
  vertex x -> interval (dimension x) A B -> (e = 1 \/ e = -1) -> (o = 0 \/ o = 1) ->
  grid N L A B (dimension x) (2 * L * sum x + e * (2 * M + o)) <> f A B x ->
  forall r, (m < r)%Q -> ~ keeps N r.
Proof.
  intros F E Mp V I He Ho G r R K.
  pose proof (fits_positive N L F) as Lp.
  apply lt_q in Lp as Lq. apply le_q in Mp as Mq. change (inject_Z 0) with 0%Q in *.
  assert (Dp : (0 < inject_Z (dimension x))%Q) by (destruct I as (I & _); change 0%Q with (inject_Z 0); rewrite <- lt_q; lia).
  assert (Far : exists b, (0 <= b < r)%Q /\ (o = 0 -> (inject_Z L * b == inject_Z M)%Q) /\
      (o = 1 -> (inject_Z M < inject_Z L * b < inject_Z M + 1)%Q)).
  { assert (M0 : (0 <= m)%Q) by nra.
    destruct Ho as [-> | ->]; [exists m; repeat split; try discriminate; trivial; lra|].
    destruct (Qlt_le_dec (inject_Z L * (r - m)) 1) as [S|S].
    - exists ((1 # 2) * (m + r))%Q. split; [split; lra|]. split; [discriminate|]. intros _. split; nra.
    - exists (m + (1 # 2) / inject_Z L)%Q.
      assert (S1 : (inject_Z L * ((1 # 2) / inject_Z L) == 1 # 2)%Q) by (field; lra).
      assert (S2 : (0 < (1 # 2) / inject_Z L)%Q) by (apply Qlt_shift_div_l; lra).
      set (c := ((1 # 2) / inject_Z L)%Q) in *. clearbody c.
      assert (S3 : (c < r - m)%Q) by (apply (Qmult_lt_l c (r - m) (inject_Z L) Lq); lra).
      split; [split; lra|]. split; [discriminate|]. intros _. split; lra. }
  destruct Far as (b & (B0 & B1) & B2 & B3).
  set (d := repeat (inject_Z e * b / inject_Z (dimension x))%Q (length x)).
  assert (Ld : length d = length (at_vertex x)) by (unfold d, at_vertex; rewrite repeat_length, map_length; reflexivity).
  assert (Td : (total d == inject_Z e * b)%Q) by (unfold d; rewrite total_repeat; fold (dimension x); field; lra).
  apply G. rewrite <- (K A B x d V I).
  - rewrite h_total, length_moved. unfold at_vertex at 1. rewrite map_length. fold (dimension x).
    apply grid_at_sum; [exact F|].
    assert (T : (total (moved (at_vertex x) d) == inject_Z (sum x) + inject_Z e * b)%Q)
      by (rewrite (total_moved _ _ Ld), total_vertex, Td; reflexivity).
    unfold stands_for. destruct Ho as [-> | ->].
    + left. exists (L * sum x + e * M). split; [ring|]. rewrite T, inject_Z_plus, !inject_Z_mult, <- (B2 eq_refl). ring.
    + right. specialize (B3 eq_refl). destruct He as [-> | ->].
      * exists (L * sum x + M). split; [ring|]. rewrite T, inject_Z_plus, !inject_Z_mult. change (inject_Z 1) with 1%Q. split; nra.
      * exists (L * sum x - M - 1). split; [ring|]. unfold Z.sub. rewrite T, !inject_Z_plus, !inject_Z_opp, !inject_Z_mult. change (inject_Z (-1)) with (-1)%Q. change (inject_Z 1) with 1%Q. split; nra.
  - rewrite Ld. unfold at_vertex. apply map_length.
  - assert (P : (Qabs (inject_Z e * b / inject_Z (dimension x)) < r / inject_Z (dimension x))%Q).
    { assert (P : (0 <= b / inject_Z (dimension x) < r / inject_Z (dimension x))%Q).
      { split; [apply Qle_shift_div_l; lra|]. unfold Qdiv. apply Qmult_lt_r; [apply Qinv_lt_0_compat; lra | lra]. }
      apply Qabs_Qlt_condition. unfold Qdiv in *. destruct He as [-> | ->]; change (inject_Z (-1)) with (-1)%Q; change (inject_Z 1) with 1%Q; split; lra. }
    unfold d. clear -P. induction (length x); cbn [repeat]; constructor; trivial.
Qed.

(** One step along e_1 or - e_1 that changes the answer refutes robustness. *)
Theorem not_robust_by_grid N L A B x e : fits N L = true ->
  vertex x -> interval (dimension x) A B -> (e = 1 \/ e = -1) ->
  grid N L A B (dimension x) (2 * L * sum x + e) <> f A B x -> ~ robust N.
Proof.
  intros F V I He G (C & R).
  pose proof (fits_positive N L F) as Lp.
  apply lt_q in Lp as Lq. change (inject_Z 0) with 0%Q in *.
  destruct x as [|y x]; [destruct I as (I & _); cbn in I; lia|].
  set (v := inject_Z e :: repeat 0%Q (length x)).
  assert (Lv : length v = length (y :: x)) by (cbn; rewrite repeat_length; reflexivity).
  assert (Tv : (total v == inject_Z e)%Q) by (unfold v; cbn [total fold_right]; fold (total (repeat 0%Q (length x))); rewrite total_repeat; ring).
  destruct (R A B (y :: x) v V I Lv) as (t0 & T0 & T1).
  assert (Ex : exists t, (0 < t < t0)%Q /\ (inject_Z L * t < 1)%Q).
  { destruct (Qlt_le_dec (inject_Z L * t0) 1) as [S|S].
    - exists ((1 # 2) * t0)%Q. split; [split; lra|nra].
    - exists ((1 # 2) / inject_Z L)%Q.
      assert (S1 : (inject_Z L * ((1 # 2) / inject_Z L) == 1 # 2)%Q) by (field; lra).
      assert (S2 : (0 < (1 # 2) / inject_Z L)%Q) by (apply Qlt_shift_div_l; lra).
      set (c := ((1 # 2) / inject_Z L)%Q) in *. clearbody c.
      assert (S3 : (c < t0)%Q) by (apply (Qmult_lt_l c t0 (inject_Z L) Lq); lra).
      split; [split; lra | lra]. }
  destruct Ex as (t & (P0 & P1) & P2). specialize (T1 t (conj P0 P1)). rewrite (C A B (y :: x) V I) in T1.
  apply G. rewrite <- T1. rewrite h_total, length_moved. unfold at_vertex at 1. rewrite map_length. fold (dimension (y :: x)).
  apply grid_at_sum; [exact F|].
  assert (T : (total (moved (at_vertex (y :: x)) (along t v)) == inject_Z (sum (y :: x)) + t * inject_Z e)%Q).
  { rewrite total_moved by (unfold along, at_vertex; rewrite !map_length; exact Lv). rewrite total_vertex, total_along, Tv. reflexivity. }
  right. destruct He as [-> | ->].
  - exists (L * sum (y :: x)). split; [ring|]. rewrite T, inject_Z_mult. change (inject_Z 1) with 1%Q. split; nra.
  - exists (L * sum (y :: x) - 1). split; [ring|]. rewrite T. unfold Z.sub. rewrite inject_Z_plus, inject_Z_mult. change (inject_Z (- (1))) with (-1)%Q. change (inject_Z (-1)) with (-1)%Q. split; nra.
Qed.

(** ** 3. Which (A, B) a single perceptron can do *)

Lemma vertex_of_sum n s : attainable_sum (Z.of_nat n) s -> exists x, vertex x /\ length x = n /\ sum x = s.
Proof.
  revert s. induction n as [|n IH]; intros s (k & E & K).
  - exists []. split; [constructor|]. split; [reflexivity|]. change (Z.of_nat 0) with 0 in *. change (sum []) with 0. lia.
  - rewrite Nat2Z.inj_succ in *. destruct (Z.eq_dec k 0) as [K0|K0].
    + destruct (IH (s + 1)) as (x & V & L & S); [exists 0; lia|].
      exists (-1 :: x). repeat split; [constructor; auto | cbn; lia | cbn [sum fold_right]; fold (sum x); lia].
    + destruct (IH (s - 1)) as (x & V & L & S); [exists (k - 1); lia|].
      exists (1 :: x). repeat split; [constructor; auto | cbn; lia | cbn [sum fold_right]; fold (sum x); lia].
Qed.

Lemma dot_repeat k n x : length x = n ->
  (dot (map inject_Z (repeat k n)) (at_vertex x) == inject_Z (k * sum x))%Q.
Proof.
  intros <-. induction x as [|v x IH]; [cbn; rewrite Z.mul_0_r; reflexivity|].
  cbn [length repeat map at_vertex dot sum fold_right]. fold (at_vertex x) (sum x).
  rewrite IH, Z.mul_add_distr_l, inject_Z_plus, (inject_Z_mult k v). reflexivity.
Qed.

Lemma separable_by_sum D A B k b :
  (forall s, attainable_sum (Z.of_nat D) s -> sign_z (k * s + b) = f_sum A B s) -> separable D A B.
Proof.
  intros G. exists (repeat k D), b. split; [apply repeat_length|]. intros x V E.
  change (f A B x) with (f_sum A B (sum x)). rewrite <- G by (rewrite <- E; exact (attainable x V)).
  unfold perceptron. symmetry. apply sign_affine. rewrite dot_repeat by exact E.
  rewrite <- inject_Z_plus. change 0%Q with (inject_Z 0). apply le_q.
Qed.

Lemma f_inside A B s : A <= s -> s <= B -> f_sum A B s = 1.
Proof. intros P Q. unfold f_sum. apply Z.leb_le in P, Q. rewrite P, Q. reflexivity. Qed.
Lemma f_outside A B s : s < A \/ B < s -> f_sum A B s = -1.
Proof. unfold f_sum. intros [P|P]; apply Z.leb_gt in P; rewrite P; [|rewrite andb_false_r]; reflexivity. Qed.

Ltac each_sum := intros s (k & -> & K); unfold sign_z, f_sum; Z.to_euclidean_division_equations;
  every_case; cbn; trivial; lia.

(** In all other cases let p and q be the least and the largest attainable sum in [A, B]. There are vertices
    (-1, y), (1, y), (-1, z), (1, z) with the sums p - 2, p, q and q + 2; f is -1 at the outer two, +1 at the
    inner two, and the pre-activations of the outer two add up to those of the inner two. *)
Theorem one_perceptron D A B : interval (Z.of_nat D) A B ->
  separable D A B <-> A = - Z.of_nat D \/ B = Z.of_nat D \/ (A = B /\ (A + Z.of_nat D) mod 2 = 1).
Proof.
  intros I. unfold interval in I. split.
  - intros (w & b & Lw & P). destruct D as [|D]; [cbn in I; lia|]. rewrite Nat2Z.inj_succ in *.
    destruct (Z.eq_dec A (- Z.succ (Z.of_nat D))) as [|NA]; [auto|]. destruct (Z.eq_dec B (Z.succ (Z.of_nat D))) as [|NB]; [auto|].
    right; right.
    set (p := A + (A + Z.succ (Z.of_nat D)) mod 2). set (q := B - (B + Z.succ (Z.of_nat D)) mod 2).
    destruct (Z_lt_ge_dec q p) as [Q|Q]; [unfold p, q, interval in *; Z.to_euclidean_division_equations; lia|exfalso].
    destruct w as [|w0 w]; [discriminate|].
    destruct (vertex_of_sum D (p - 1)) as (y & Vy & Ly & Sy).
    { exists ((p - 1 + Z.of_nat D) / 2). unfold p in *. Z.to_euclidean_division_equations; lia. }
    destruct (vertex_of_sum D (q + 1)) as (z & Vz & Lz & Sz).
    { exists ((q + 1 + Z.of_nat D) / 2). unfold q in *. Z.to_euclidean_division_equations; lia. }
    assert (Val : forall e x s, (e = -1 \/ e = 1) -> vertex x -> length x = D -> sum x = s ->
       sign (inject_Z w0 * inject_Z e + dot (map inject_Z w) (at_vertex x) + inject_Z b) = f_sum A B (e + s)).
    { intros e x s He Vx Lx <-. transitivity (perceptron (w0 :: w) b (e :: x)); [reflexivity | rewrite P; [reflexivity | constructor; auto | cbn; lia]]. }
    pose proof (Val (-1) y _ ltac:(auto) Vy Ly Sy) as V1. pose proof (Val 1 y _ ltac:(auto) Vy Ly Sy) as V2.
    pose proof (Val (-1) z _ ltac:(auto) Vz Lz Sz) as V3. pose proof (Val 1 z _ ltac:(auto) Vz Lz Sz) as V4.
    rewrite f_outside in V1 by (unfold p; Z.to_euclidean_division_equations; lia).
    rewrite f_inside in V2 by (unfold p, q in *; Z.to_euclidean_division_equations; lia).
    rewrite f_inside in V3 by (unfold p, q in *; Z.to_euclidean_division_equations; lia).
    rewrite f_outside in V4 by (unfold q; Z.to_euclidean_division_equations; lia).
    change (inject_Z (-1)) with (-1)%Q in *. change (inject_Z 1) with 1%Q in *.
    set (dy := dot (map inject_Z w) (at_vertex y)) in *. set (dz := dot (map inject_Z w) (at_vertex z)) in *.
    destruct (sign_cases (inject_Z w0 * -1 + dy + inject_Z b)) as [(S1 & X1)|(S1 & X1)], (sign_cases (inject_Z w0 * 1 + dy + inject_Z b)) as [(S2 & X2)|(S2 & X2)],
     (sign_cases (inject_Z w0 * -1 + dz + inject_Z b)) as [(S3 & X3)|(S3 & X3)], (sign_cases (inject_Z w0 * 1 + dz + inject_Z b)) as [(S4 & X4)|(S4 & X4)]; try congruence; lra.
  - intros [-> | [-> | (-> & Odd)]].
    + apply (separable_by_sum _ _ _ (-1) B). each_sum.
    + apply (separable_by_sum _ _ _ 1 (- A)). each_sum.
    + apply (separable_by_sum _ _ _ 0 (-1)). each_sum.
Qed.


(** ** 4. The constructions

    Each theorem below is a statement about integers, proved by cases and linear arithmetic, or one example
    that is computed. *)

Ltac by_sums N :=
  let A := fresh "A" in let B := fresh "B" in let D := fresh "D" in let s := fresh "s" in
  intros A B D s; intros; unfold interval, attainable_sum in *;
  repeat match goal with E : exists _, _ |- _ => destruct E | E : _ /\ _ |- _ => destruct E end; subst s;
  unfold grid, f_sum, sign_z, relu_z;
  cbn [N hidden weight_1 weight_2 output_1 output_2 bias_1 bias_2 output_bias];
  Z.to_euclidean_division_equations; every_case; cbn [andb]; try reflexivity; exfalso; lia.
Ltac check := first
  [ reflexivity | discriminate | unfold interval; cbn; lia | solve [auto] | vm_compute; discriminate
  | repeat first [apply Forall_nil | apply Forall_cons; [first [left; reflexivity | right; reflexivity] |]] ].
Ltac by_all_sums N L := apply (computes_by_sums N L); [reflexivity | by_sums N].
Ltac by_step N L A B x :=
  let toward e := solve [apply (not_robust_by_grid N L A B x e); check] in
  split; [by_all_sums N L | first [toward 1 | toward (-1)]].
Ltac by_margin N L M m A B x :=
  let K := fresh in
  let toward e o := solve [apply (exact_by_grid N L M m A B x e o); check] in
  assert (K : keeps N m) by (apply (keeps_by_sums N L M); [reflexivity | reflexivity | by_sums N]);
  split; [apply (robust_by_keeps N m); [reflexivity | exact K] | split; [exact K|]];
  first [toward 1 0 | toward (-1) 0 | toward 1 1 | toward (-1) 1].
Ltac by_example A B x :=
  let C := fresh in intros C; specialize (C A B x ltac:(check) ltac:(check)); vm_compute in C; discriminate.
